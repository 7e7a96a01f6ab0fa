"""What cannot be taken over says what of the same version can."""

import shutil
from pathlib import Path

import pytest

from convert.bundle.timings import Timings
from convert.errors import UnsupportedError
from convert.manifest import Manifest
from convert.pipeline.bundles.pull import pull_bundle
from convert.pipeline.settings import Settings
from convert.places import open_place
from convert.progress import Silence
from convert.stages.check import check
from convert.stages.publish import publish
from convert.stages.release import release
from convert.store import digest_file


@pytest.fixture
def there(tmp_path: Path, bundle: Path, manifest: Manifest, timings: Timings) -> str:
    """The URL of a version whose tflite file is a zip archive, among others."""
    model, golden = tmp_path / "again.tflite", bundle / "golden.npz"
    model.write_bytes(b"PK\x03\x04 and more")
    made = {"sha256": digest_file(model), "bytes": model.stat().st_size}
    artifact = manifest.artifact.model_copy(update=made)
    final = tmp_path / "zipped" / "tflite-uint8"
    publish(manifest.model_copy(update={"artifact": artifact}), timings, model, golden, final)
    variants = {final.name: final}
    for name in ("tfjs-uint8", "onnx-uint8", "onnx-float32", "tflite-float32"):
        variants[name] = Path(shutil.copytree(bundle, tmp_path / name))
    place = open_place((tmp_path / "there").as_uri())
    release(
        variants,
        place,
        name="tiny-net",
        version="1.0.0",
        check=lambda folder: check(folder).problems,
        progress=Silence(),
    )
    return f"{place.url}/tiny-net/1.0.0"


def pull(url: str, home: Path) -> None:
    pull_bundle("mine", url, Settings(home=home), frozenset(), Silence())


def test_a_variant_that_cannot_be_read_names_the_others_of_its_version(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    with pytest.raises(UnsupportedError) as told:
        pull(f"{there}/tflite-uint8", home)
    assert "there/tiny-net/1.0.0/tflite-uint8: " in told.value.message
    assert "zip archive" in told.value.message
    assert told.value.hint == (
        "Of the same version, tflite-float32, onnx-float32, onnx-uint8, tfjs-uint8 may be taken."
    )
    assert list(home.rglob("*.toml")) == []
    assert list(home.rglob("*.tflite")) == []


def test_a_bundle_that_stands_alone_says_what_is_read(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    alone = shutil.copytree(tmp_path / "zipped" / "tflite-uint8", tmp_path / "alone")
    with pytest.raises(UnsupportedError) as told:
        pull(alone.as_uri(), tmp_path)
    assert told.value.hint
    assert "What is read" in told.value.hint
