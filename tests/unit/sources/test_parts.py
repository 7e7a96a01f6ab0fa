"""A model of several files is one source: all its files are named, with their digests."""

import pytest

from convert.errors import SourceError
from convert.sources.parts import source_file
from convert.store import digest_file


@pytest.fixture
def split(tmp_path):
    (tmp_path / "model.json").write_text(
        '{"format": "graph-model", "modelTopology": {}, "weightsManifest": '
        '[{"paths": ["a.bin", "more/b.bin"], "weights": []}]}'
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "a.bin").write_bytes(b"first")
    (tmp_path / "more" / "b.bin").write_bytes(b"second")
    return tmp_path


@pytest.mark.parametrize("name", ["", "model.json"])
def test_a_folder_stands_for_the_file_that_names_the_others(split, name):
    found = source_file(split / name, "tfjs")
    assert found.path == str(split / "model.json")
    assert {f.name: (f.bytes, f.sha256) for f in found.files} == {
        "a.bin": (5, digest_file(split / "a.bin")),
        "more/b.bin": (6, digest_file(split / "more" / "b.bin")),
    }


def test_one_file_stands_for_itself(split):
    assert source_file(split / "a.bin", "tflite").files == ()


def test_a_missing_shard_is_named(split):
    (split / "more" / "b.bin").unlink()
    with pytest.raises(SourceError, match=r"more/b\.bin"):
        source_file(split, "tfjs")


def test_a_shard_outside_of_the_folder_is_refused(split):
    text = (split / "model.json").read_text().replace("a.bin", "../a.bin")
    (split / "model.json").write_text(text)
    with pytest.raises(SourceError, match="leads outside"):
        source_file(split, "tfjs")
