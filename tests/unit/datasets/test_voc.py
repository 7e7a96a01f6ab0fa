"""What is accepted as a PASCAL VOC folder."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets import open_split
from convert.errors import SourceError
from convert.recipe import DatasetChoice

CHOICE = DatasetChoice(kind="voc")


def voc(folder: Path, mask_size: tuple[int, int] = (12, 16), split: str = "val") -> Path:
    for part in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (folder / part).mkdir(parents=True)
    Image.new("RGB", (16, 12), "red").save(folder / "JPEGImages/a.jpg")
    mask = Image.fromarray(np.full(mask_size, 15, np.uint8))
    mask.putpalette(bytes(range(256)) * 3)
    mask.save(folder / "SegmentationClass/a.png")
    (folder / f"ImageSets/Segmentation/{split}.txt").write_text("a\r\n\r\n")
    return folder


@pytest.mark.parametrize("below", [".", "VOC2012", "VOCdevkit/VOC2012"])
def test_the_folder_itself_and_those_that_hold_it_will_do(tmp_path: Path, below: str) -> None:
    voc(tmp_path / below)
    (sample,) = open_split(CHOICE, "val", tmp_path)
    assert sample.name == "a"
    assert (sample.truth == 15).all()


def test_the_official_archive_calibrates_on_its_training_list(tmp_path: Path) -> None:
    assert len(open_split(CHOICE, "calibration", voc(tmp_path, split="train"))) == 1


def test_a_missing_list_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"test\.txt does not exist") as caught:
        open_split(CHOICE, "test", voc(tmp_path))
    assert "val" in str(caught.value.hint)


def test_an_empty_list_is_named(tmp_path: Path) -> None:
    (voc(tmp_path) / "ImageSets/Segmentation/none.txt").write_text("\n")
    with pytest.raises(SourceError, match=r"none\.txt is empty"):
        open_split(CHOICE, "none", tmp_path)


def test_a_listed_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (voc(tmp_path) / "SegmentationClass/a.png").unlink()
    with pytest.raises(SourceError, match=r"SegmentationClass/a\.png"):
        open_split(CHOICE, "val", tmp_path)


def test_a_mask_of_another_size_than_its_picture_is_named(tmp_path: Path) -> None:
    dataset = open_split(CHOICE, "val", voc(tmp_path, mask_size=(10, 16)))
    with pytest.raises(SourceError, match=r"a\.png is 10x16 pixels, its picture 12x16"):
        list(dataset)


def test_the_real_one_opens_and_its_splits_are_apart(shared: Path) -> None:
    root = shared / "data" / "VOC2012"
    calibration, evaluation = (open_split(CHOICE, name, root) for name in ("calibration", "val"))
    assert (len(calibration), len(evaluation)) == (50, 100)
    assert not set(calibration.digests()) & set(evaluation.digests())
