"""What one run published is checked, handed on, and taken over by another project."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.sigstore_server import SigstoreServer, identity_token

pytestmark = pytest.mark.slow


def test_every_bundle_is_sound_and_gives_its_golden_tensors(road: Any) -> None:
    checked = road.convert("check", road.out, "--json")
    assert checked.returncode == 0, checked.stderr
    found = json.loads(checked.stdout)
    assert len(found) == 9
    assert all(one["passed"] and one["golden"] for one in found)


def test_a_flipped_bit_fails_with_the_files_name_and_is_not_handed_on(
    copied: Any, tmp_path: Path
) -> None:
    model = copied.out / "tfjs-uint8" / "model" / "group1-shard1of1.bin"
    content = bytearray(model.read_bytes())
    content[1000] ^= 1
    model.write_bytes(content)
    checked = copied.convert("check", copied.out / "tfjs-uint8")
    assert checked.returncode == 1
    assert "model/group1-shard1of1.bin: its sha256 is " in checked.stdout
    refused = copied.convert("publish", "deeplab-shapes", "--to", (tmp_path / "there").as_uri())
    assert refused.returncode == 3
    assert "model/group1-shard1of1.bin" in refused.stderr
    assert not (tmp_path / "there").exists()


def test_two_runs_from_scratch_give_the_same_bytes(
    road: Any, convert_in: Any, tmp_path: Path
) -> None:
    other = convert_in(tmp_path / "another home")
    assert other(*road.run).returncode == 0
    out = other.home / "models" / "out" / "deeplab-shapes"
    for sums in road.out.glob("*/SHA256SUMS"):
        assert (out / sums.parent.name / "SHA256SUMS").read_text() == sums.read_text()


@pytest.fixture
def fewer(copied: Any) -> Any:
    """The same without tfjs, whose every check starts TensorFlow."""
    for folder in copied.out.glob("tfjs-*"):
        shutil.rmtree(folder)
    return copied


def test_a_signed_version_goes_to_s3_and_is_taken_over_by_another_project(
    fewer: Any, convert_in: Any, tmp_path: Path, s3: str
) -> None:
    key = tmp_path / "key"
    assert fewer.convert("keys", "new", key).returncode == 0
    publish = ("publish", "deeplab-shapes", "--to", f"{s3}/models", "--sign", key)
    done = fewer.convert(*publish)
    assert done.returncode == 0, done.stderr
    assert fewer.convert(*publish, "--json").stdout.count('"was_there": true') == 1
    unsigned = fewer.convert("publish", "deeplab-shapes", "--to", f"{s3}/models")
    assert unsigned.returncode == 2
    assert "other bytes" in unsigned.stderr

    url = f"{s3}/models/deeplab-shapes"
    for where in (url, f"{url}/1.0.0", f"{url}/1.0.0/onnx-uint8"):
        checked = fewer.convert("check", where, "--key", f"{key}.pub")
        assert checked.returncode == 0, checked.stdout + checked.stderr

    other = convert_in(tmp_path / "another home")
    pulled = other("pull", "second-hand", "--from", url, "--json")
    assert pulled.returncode == 0, pulled.stderr
    assert json.loads(pulled.stdout)["origin"] == f"{url}/1.0.0/tflite-float32"
    run = other("run", "second-hand", "--limit", "6", "--targets", "onnx", "--schemes", "float32")
    assert run.returncode == 0, run.stderr
    made = json.loads(
        (other.home / "models/out/second-hand/onnx-float32/manifest.json").read_bytes()
    )
    first = json.loads((fewer.out / "tflite-float32" / "manifest.json").read_bytes())
    assert made["lineage"]["source_sha256"] == first["artifact"]["sha256"]
    assert made["lineage"]["source_origin"] == f"{url}/1.0.0/tflite-float32"
    assert made["license"] == first["license"]

    shutil.rmtree(other.home / "models" / "raw")
    again = other("pull", "second-hand", "--from", url)
    assert again.returncode == 0, again.stderr


def test_a_version_goes_to_the_hub_and_comes_back_sound(fewer: Any, hub: Any) -> None:
    done = fewer.convert("publish", "deeplab-shapes", "--to", "hf://me/nets")
    assert done.returncode == 0, done.stderr
    assert [len(files) > 0 for files in hub.repos["me/nets"]] == [False, True, True]
    assert set(hub.files("me/nets")) - set(hub.repos["me/nets"][1]) == {"deeplab-shapes/index.json"}
    checked = fewer.convert("check", "hf://me/nets/deeplab-shapes")
    assert checked.returncode == 0, checked.stderr
    again = fewer.convert("publish", "deeplab-shapes", "--to", "hf://me/nets")
    assert "byte for byte" in again.stdout
    assert len(hub.repos["me/nets"]) == 3


def test_a_version_is_signed_by_name_and_held_to_it(
    fewer: Any, tmp_path: Path, sigstore: SigstoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust, url = tmp_path / "trust.json", f"{(tmp_path / 'there').as_uri()}/deeplab-shapes"
    trust.write_text(sigstore.trust_config())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", identity_token("ada@example.org"))
    publish = ("publish", "deeplab-shapes", "--to", (tmp_path / "there").as_uri())
    publish = (*publish, "--sign", "sigstore", "--trust-config", trust)
    done = fewer.convert(*publish)
    assert done.returncode == 0, done.stderr
    assert "ada@example.org (https://issuer.example)" in done.stdout
    again = fewer.convert(*publish)
    assert "byte for byte" in again.stdout, again.stderr
    for who, code in (("ada@example.org", 0), ("eve@example.org", 1)):
        checked = fewer.convert("check", url, "--identity", who, "--trust-config", trust)
        assert checked.returncode == code, checked.stdout + checked.stderr
        assert ("SHA256SUMS.sigstore.json: " in checked.stdout) == (code == 1)


@pytest.mark.parametrize("variant", ["tflite-uint8", "onnx-uint8"])
def test_a_file_in_eight_bits_is_taken_over_and_answers_as_it_did(
    variant: str, fewer: Any, convert_in: Any, tmp_path: Path
) -> None:
    there = (tmp_path / "there").as_uri()
    assert fewer.convert("publish", "deeplab-shapes", "--to", there).returncode == 0
    other = convert_in(tmp_path / "another home")
    url = f"{there}/deeplab-shapes/1.0.0/{variant}"
    pulled = other("pull", "second-hand", "--from", url)
    assert pulled.returncode == 0, pulled.stderr
    run = other("run", "second-hand", "--limit", "12", "--targets", "onnx", "--schemes", "float32")
    assert run.returncode == 0, run.stderr
    report = json.loads((other.home / "models/out/second-hand/report.json").read_bytes())
    taken = json.loads((fewer.out / variant / "manifest.json").read_bytes())
    # On the same pictures: what is lost is the rounding of activations, which starts anew.
    assert report["reference"]["metrics"]["miou"] == pytest.approx(
        taken["metrics"]["miou"]["value"], abs=0.01
    )
    assert report["source"]["sha256"] == taken["artifact"]["sha256"]
