"""Each document says what the manifest says, in the form that others read, and always the same."""

import json
from pathlib import Path

import pytest

from convert.bundle.bom import require_schema
from convert.bundle.documents import documents
from convert.bundle.sums import read_sums, sums_text
from convert.bundle.timings import Timings, read_timings, timings_text
from convert.errors import SourceError
from convert.manifest import Manifest

FILES = {"model.tflite": "e" * 64}


def test_the_same_manifest_gives_the_same_bytes(manifest: Manifest) -> None:
    assert documents(manifest, FILES) == documents(manifest, FILES)


def test_the_bom_meets_cyclonedxs_schema(manifest: Manifest) -> None:
    assert require_schema(documents(manifest, FILES)["bom.cdx.json"])


@pytest.mark.parametrize("name", ["Apache-2.0", "mit", "Terms of Mine", "MIT OR Apache-2.0"])
def test_any_license_has_its_place_in_the_bom(manifest: Manifest, name: str) -> None:
    license = manifest.license.model_copy(update={"id": name})
    text = documents(manifest.model_copy(update={"license": license}), FILES)["bom.cdx.json"]
    assert require_schema(text)
    assert name.lower() in text.decode().lower()


def test_the_bom_is_of_the_model_its_source_and_its_tools(manifest: Manifest) -> None:
    bom = json.loads(documents(manifest, FILES)["bom.cdx.json"])
    model = bom["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert model["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    metrics = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    (drop,) = [metric for metric in metrics if metric["type"] == "miou_drop"]
    interval = {"lowerBound": "-0.00112", "upperBound": "0.00987"}
    assert (drop["value"], drop["confidenceInterval"]) == ("0.00421", interval)
    assert {part["name"] for part in bom["components"]} == {"net.pb", "tensorflow"}
    assert "timestamp" not in bom["metadata"]


def test_the_statement_is_in_totos_and_slsas(manifest: Manifest) -> None:
    made = json.loads(documents(manifest, FILES)["provenance.intoto.json"])
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "https://slsa.dev/provenance/v1"
    assert made["subject"] == [{"name": "model.tflite", "digest": {"sha256": "e" * 64}}]
    build = made["predicate"]["buildDefinition"]
    assert build["buildType"]
    assert build["externalParameters"]["recipe"]["name"] == "tiny-net"
    source, tool = build["resolvedDependencies"]
    assert source["digest"] == {"sha256": "c" * 64}
    assert tool["uri"] == "pkg:pypi/tensorflow@2.19.0"
    assert made["predicate"]["runDetails"]["builder"]["id"]


def test_the_notice_says_whose_it_is_and_what_was_changed(manifest: Manifest) -> None:
    text = documents(manifest, FILES)["NOTICE"].decode()
    assert "License of the weights: Apache-2.0\nEvidence: LICENSE (seen on 2018-01-29)" in text
    assert "Changed by convert 1.2.3" in text


def test_a_restricted_license_is_called_one(manifest: Manifest) -> None:
    more = {"restricted": True, "instead": "the other net"}
    license = manifest.license.model_copy(update=more)
    made = documents(manifest.model_copy(update={"license": license}), FILES)
    for name in ("NOTICE", "README.md"):
        assert "restricted" in made[name].decode()
        assert "the other net" in made[name].decode()


def test_an_app_finds_all_it_needs_in_the_preprocessing(manifest: Manifest) -> None:
    fed = json.loads(documents(manifest, FILES)["preprocessing.json"])
    assert fed["preprocessing"]["size"] == [8, 12]
    assert fed["postprocessing"]["decode"] == "argmax"
    assert fed["labels"] == ["ground", "thing"]
    assert fed["signature"]["inputs"][0]["quantization"]["zero_point"] == 127


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside", "a/../../outside", "a\\b", "a\nb", " a", ""]
)
def test_no_name_in_the_checksums_leads_outside(name: str) -> None:
    with pytest.raises(SourceError, match="SHA256SUMS"):
        read_sums(f"{'a' * 64}  {name}\n".encode())


def test_the_checksums_read_back(tmp_path: Path) -> None:
    digests = {"b/c.bin": "b" * 64, "a.txt": "a" * 64}
    assert read_sums(sums_text(digests).encode()) == digests


def test_the_times_read_back_and_are_sealed(timings: Timings) -> None:
    text = timings_text(timings)
    assert read_timings(text.encode()).latency == timings.latency
    with pytest.raises(SourceError, match=r"timings.json: its seal"):
        read_timings(text.replace("2.114", "1.114").encode())
