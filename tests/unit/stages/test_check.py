"""A bundle is as it was made, or `check` names the file that is not."""

import json
from pathlib import Path

import pytest

from convert.bundle import layout
from convert.bundle.signing import new_key, public_path, sign
from convert.bundle.sums import sums_text
from convert.errors import SourceError
from convert.manifest import Manifest
from convert.stages.check import check
from convert.store import digest_file

FILES = ["NOTICE", "README.md", "SHA256SUMS", "SHA256SUMS.pub", "SHA256SUMS.sig", "bom.cdx.json"]
FILES += ["golden.npz", "manifest.json", "model.tflite", "preprocessing.json"]
FILES += ["provenance.intoto.json", "timings.json"]


@pytest.fixture
def signed(bundle: Path, tmp_path: Path) -> Path:
    new_key(tmp_path / "key")
    sign(bundle, tmp_path / "key")
    return bundle


def test_a_bundle_is_sound_as_it_was_made(bundle: Path) -> None:
    found = check(bundle)
    assert found.problems == ()
    assert found.signed_by is None
    assert found.files == len(list(bundle.iterdir()))


def test_these_are_all_the_files_there_are(signed: Path) -> None:
    assert sorted(path.name for path in signed.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_a_changed_byte_anywhere_is_told_with_the_files_name(
    signed: Path, name: str, where: float
) -> None:
    content = bytearray((signed / name).read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    (signed / name).write_bytes(content)
    assert any(
        problem.startswith(f"{name}: ") or name in problem for problem in check(signed).problems
    )


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_told(signed: Path, name: str) -> None:
    (signed / name).unlink()
    assert any(problem.startswith(f"{name}: ") for problem in check(signed).problems)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("more", [b"\n", b"x"])
def test_bytes_behind_the_end_are_told(signed: Path, name: str, more: bytes) -> None:
    with (signed / name).open("ab") as file:
        file.write(more)
    assert any(problem.startswith(f"{name}: ") for problem in check(signed).problems)


def test_a_file_that_nobody_names_is_told(bundle: Path) -> None:
    (bundle / "more.txt").write_text("?")
    assert check(bundle).problems == ("more.txt: SHA256SUMS does not name it",)


def resealed(bundle: Path, name: str, content: bytes) -> None:
    """A changed document, with the manifest and the checksums changed to fit it."""
    there = Manifest.model_validate_json((bundle / "manifest.json").read_bytes())
    (bundle / name).write_bytes(content)
    if name in there.files:
        files = {**there.files, name: digest_file(bundle / name)}
        whole = there.model_copy(update={"files": files})
        (bundle / "manifest.json").write_text(whole.model_dump_json(indent=1) + "\n")
    (bundle / layout.SUMS).write_text(sums_text(layout.digests(bundle)))


@pytest.mark.parametrize("name", ["README.md", "NOTICE", "bom.cdx.json", "provenance.intoto.json"])
def test_another_license_in_one_document_is_told(bundle: Path, name: str) -> None:
    text = (bundle / name).read_text()
    for own, other in (("Apache-2.0", "MIT"), ("apache-2.0", "mit")):
        text = text.replace(own, other)
    resealed(bundle, name, text.encode())
    (problem,) = check(bundle).problems
    assert problem == f"{name}: its license is not Apache-2.0, which manifest.json says"


def test_a_bom_that_is_none_is_told(bundle: Path) -> None:
    made = json.loads((bundle / "bom.cdx.json").read_bytes())
    made["metadata"]["component"]["type"] = "sausage"
    resealed(bundle, "bom.cdx.json", json.dumps(made).encode())
    (problem,) = check(bundle).problems
    assert problem.startswith("bom.cdx.json: ")


def test_another_preprocessing_than_the_manifests_is_told(bundle: Path) -> None:
    text = (bundle / "preprocessing.json").read_text().replace("127.5", "0.0")
    resealed(bundle, "preprocessing.json", text.encode())
    assert check(bundle).problems == ("preprocessing.json: not what manifest.json says",)


def test_an_unknown_key_in_the_manifest_is_told(bundle: Path) -> None:
    data = json.loads((bundle / "manifest.json").read_bytes())
    resealed(bundle, "manifest.json", json.dumps({**data, "more": 1}).encode())
    assert any("manifest.json: more: " in problem for problem in check(bundle).problems)


def test_the_signature_of_a_known_key_is_told(signed: Path, tmp_path: Path) -> None:
    found = check(signed, public_path(tmp_path / "key"))
    assert found.problems == ()
    assert str(found.signed_by).startswith("SHA256:")


def test_another_key_than_the_one_that_is_asked_for_will_not_do(
    signed: Path, tmp_path: Path
) -> None:
    new_key(tmp_path / "other")
    (problem,) = check(signed, public_path(tmp_path / "other")).problems
    assert problem.startswith("SHA256SUMS.pub: signed by SHA256:")


def test_no_signature_will_not_do_where_one_is_asked_for(bundle: Path, tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    (problem,) = check(bundle, public_path(tmp_path / "key")).problems
    assert problem == "SHA256SUMS.sig: the bundle is not signed"


def test_a_forger_who_fits_everything_else_is_told_by_the_signature(signed: Path) -> None:
    resealed(signed, "NOTICE", (signed / "NOTICE").read_bytes() + b"Mine.\n")
    (problem,) = check(signed).problems
    assert problem.startswith("SHA256SUMS.sig: ")


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no bundle"):
        check(tmp_path)
