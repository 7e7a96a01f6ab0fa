"""A recipe is found by its name or its path, one's own before those that ship."""

import pytest

from convert.errors import UsageError
from convert.recipes import files, find, folders

from .good import written


def test_ones_own_folders_come_before_those_that_ship(tmp_path, monkeypatch):
    own = tmp_path / "own"
    own.mkdir()
    path = written(own, name="deeplab-shapes.toml")
    settings = {"CONVERT_RECIPES": str(own)}
    monkeypatch.chdir(tmp_path)
    assert folders(settings)[0] == own
    assert find("deeplab-shapes", settings) == path
    assert files({})["deeplab-shapes"] != path


def test_a_recipe_is_found_by_its_path(tmp_path):
    path = written(tmp_path)
    assert find(str(path), {}) == path


def test_an_unknown_recipe_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="deeplab-shaps") as error:
        find("deeplab-shaps", {})
    assert "deeplab-shapes" in error.value.hint
