"""Where a dataset is looked for."""

from pathlib import Path

import pytest

from convert.datasets.locate import locate
from convert.errors import UsageError


def make(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_a_named_folder_or_what_it_holds_is_taken(tmp_path: Path) -> None:
    own = make(tmp_path / "mine")
    assert locate("VOC2012", explicit=own) == own
    inner = make(own / "VOC2012")
    assert locate("VOC2012", explicit=own) == inner


def test_a_named_folder_that_is_missing_is_not_replaced_by_another(tmp_path: Path) -> None:
    make(tmp_path / "data/human")
    with pytest.raises(UsageError, match="nowhere"):
        locate("human", explicit=tmp_path / "nowhere", working=tmp_path)


def test_the_setting_comes_before_the_working_folder_and_that_before_the_mirror(
    tmp_path: Path,
) -> None:
    places = [tmp_path / "set", tmp_path / "work/data", tmp_path / "beside/data"]
    mirror = str(tmp_path / "beside/mirror")
    for place in reversed(places):
        wanted = make(place / "human")
        found = locate("human", datasets=places[0], mirror=mirror, working=tmp_path / "work")
        assert found == wanted


def test_the_error_names_every_place_and_the_next_move(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        locate("human", datasets=tmp_path / "set", mirror=str(tmp_path / "mirror"))
    for place in (tmp_path / "set/human", Path("data/human"), tmp_path / "data/human"):
        assert str(place) in caught.value.message
    assert "--dataset" in str(caught.value.hint)


def test_a_mirror_on_the_web_has_no_folder_beside_it() -> None:
    with pytest.raises(UsageError) as caught:
        locate("human", mirror="https://models.example/mirror")
    assert "example" not in caught.value.message
