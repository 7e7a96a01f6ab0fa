"""How tables of classified pictures are read."""

from pathlib import Path

import pytest
from PIL import Image

from convert.datasets import open_split
from convert.errors import SourceError
from convert.recipe import DatasetChoice

CHOICE = DatasetChoice(kind="imagenet")


def table(root: Path, text: str) -> Path:
    (root / "images").mkdir()
    Image.new("L", (9, 7), 128).save(root / "images/a.JPEG")
    (root / "labels.csv").write_text(text, encoding="utf-8-sig")
    return root


def test_models_that_count_from_one_get_shifted_classes(tmp_path: Path) -> None:
    table(tmp_path, "split,wnid,file,class_index\r\nval,n1,a.JPEG,999\r\n")
    choice = CHOICE.model_copy(update={"label_offset": 1})
    (sample,) = open_split(choice, "val", tmp_path, classes=1001)
    assert sample.truth == 1000
    assert sample.image.shape == (7, 9, 3)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"labels\.csv lacks the column 'class_index'"):
        open_split(CHOICE, "val", table(tmp_path, "file,split\na.JPEG,val\n"))


@pytest.mark.parametrize("value", ["tench", "-1", "1.5", ""])
def test_a_class_that_is_no_whole_number_is_named_with_its_line(tmp_path: Path, value: str) -> None:
    text = f"file,class_index,split\na.JPEG,0,val\na.JPEG,{value},val\n"
    with pytest.raises(SourceError, match="line 3"):
        open_split(CHOICE, "val", table(tmp_path, text))


def test_a_line_cut_short_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no rows of split 'val'"):
        open_split(CHOICE, "val", table(tmp_path, "file,class_index,split\na.JPEG\n"))


def test_an_unknown_split_lists_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'test'") as caught:
        open_split(CHOICE, "test", table(tmp_path, "file,class_index,split\na.JPEG,0,val\n"))
    assert "val" in str(caught.value.hint)
