"""A model of several files comes whole."""

import pytest

from convert.errors import SourceError
from convert.recipe import Companion
from convert.stages.pull import pulled
from convert.store import digest_folder

from .wanted import CONTENT, bring, recipe, sha


def several(*urls, second=b"second", **source):
    """A recipe of two files."""
    made = recipe(*urls, **source)
    beside = Companion(name="more/shard 2.bin", sha256=sha(second), bytes=len(second))
    whole = made.source.model_copy(update={"files": (beside,)})
    return made.model_copy(update={"source": whole})


def own_files(folder):
    (folder / "more").mkdir(parents=True)
    (folder / "model.json").write_bytes(CONTENT)
    (folder / "more" / "shard 2.bin").write_bytes(b"second")
    return folder / "model.json"


def test_the_files_beside_a_file_come_from_beside_its_url(site, raw, tmp_path):
    url = site.page("/a/model.json", CONTENT)
    site.page("/a/more/shard%202.bin", b"second")
    found = bring(several(url), raw)
    assert (found.path.parent / "more" / "shard 2.bin").read_bytes() == b"second"
    assert found.bytes == len(CONTENT) + len(b"second")
    own_files(tmp_path / "whole")
    assert found.sha256 == digest_folder(tmp_path / "whole")


def test_the_files_beside_ones_own_file_are_taken_with_it(raw, tmp_path):
    own = own_files(tmp_path / "own")
    found = bring(several(path=str(own)), raw)
    assert (found.path.parent / "more" / "shard 2.bin").read_bytes() == b"second"
    assert pulled(several(path=str(own)), raw) == found.path
    again = bring(several("http://127.0.0.1:9/model.json"), tmp_path / "2", from_file=own)
    assert (again.path.parent / "more" / "shard 2.bin").is_file()


def test_a_file_beside_it_that_is_another_is_refused_by_name(site, raw):
    url = site.page("/a/model.json", CONTENT)
    site.page("/a/more/shard%202.bin", b"other!")
    with pytest.raises(SourceError, match=r"shard 2\.bin"):
        bring(several(url), raw)
    assert pulled(several(url), raw) is None


def test_a_file_beside_it_cannot_lead_outside():
    with pytest.raises(ValueError, match="leads outside"):
        Companion(name="../x.bin", sha256=sha(b""))
