"""A file that ships with convert is found where it lies."""

import pytest

from convert import bundled as package
from convert.errors import SourceError

from .wanted import CONTENT, bring, mirror_with, recipe, sha, visible


def bundled(content=CONTENT):
    return recipe(content=content, bundled="model.pb")


def test_a_bundled_file_is_found_in_a_checkout(raw):
    mirror_with(raw, "tiny/model.pb", CONTENT)
    pulled = bring(bundled(), raw)
    assert (pulled.path, pulled.sha256) == (raw / "tiny" / "model.pb", sha(CONTENT))
    assert visible(raw / "tiny") == ["model.pb"]


@pytest.mark.parametrize("in_checkout", [None, b"stale"])
def test_a_bundled_file_is_found_in_the_installed_package(raw, tmp_path, monkeypatch, in_checkout):
    monkeypatch.setattr(package, "_HOMES", (tmp_path / "_bundled",))
    mirror_with(tmp_path / "_bundled", "tiny/model.pb", CONTENT)
    if in_checkout:
        mirror_with(raw, "tiny/model.pb", in_checkout)
    assert bring(bundled(), raw).path == tmp_path / "_bundled" / "tiny" / "model.pb"


def test_a_bundled_file_that_is_wrong_or_absent_is_told(raw):
    mirror_with(raw, "tiny/model.pb", b"wrong")
    with pytest.raises(SourceError, match=f"sha256 is {sha(b'wrong')} instead of {sha(CONTENT)}"):
        bring(bundled(), raw)
    with pytest.raises(SourceError, match=f"{raw}/other/tiny/model.pb: no such file"):
        bring(bundled(), raw / "other")


def test_a_bundled_file_may_be_given(raw, tmp_path):
    (tmp_path / "f.pb").write_bytes(CONTENT)
    assert bring(bundled(), raw, from_file=tmp_path / "f.pb").path == raw / "tiny" / "model.pb"
