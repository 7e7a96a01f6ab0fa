"""How folders of pictures and binary masks are read."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets import open_split
from convert.errors import SourceError
from convert.recipe import DatasetChoice
from convert.vocabulary import VOID

CHOICE = DatasetChoice(kind="masks")
HALF = np.repeat([[0, 1]], 4, axis=0).repeat(4, axis=1).astype(np.uint8)


def add(root: Path, name: str, mask: np.ndarray, suffix: str = ".jpg") -> None:
    for part in ("images", "masks"):
        (root / part).mkdir(exist_ok=True)
    Image.new("RGB", (8, 4), "blue").save(root / "images" / f"{name}{suffix}")
    Image.fromarray(mask).save(root / "masks" / f"{name}.png")


def truth(root: Path) -> np.ndarray:
    (root / "val.txt").write_text("a")
    (sample,) = open_split(CHOICE, "val", root)
    assert isinstance(sample.truth, np.ndarray)
    return sample.truth


@pytest.mark.parametrize("bright", [1, 100, 255])
def test_the_brighter_of_two_levels_is_label_one(tmp_path: Path, bright: int) -> None:
    add(tmp_path, "a", HALF * np.uint8(bright))
    assert np.array_equal(truth(tmp_path), HALF)


def test_soft_masks_are_cut_in_the_middle(tmp_path: Path) -> None:
    add(tmp_path, "a", np.tile(np.array([0, 60, 120, 127, 128, 140, 200, 255], np.uint8), (4, 1)))
    assert np.array_equal(truth(tmp_path), HALF)


@pytest.mark.parametrize(("level", "label"), [(0, 0), (1, 1), (40, 0), (255, 1)])
def test_a_mask_of_one_level_is_all_ground_or_all_figure(
    tmp_path: Path, level: int, label: int
) -> None:
    add(tmp_path, "a", np.full((4, 8), level, np.uint8))
    assert (truth(tmp_path) == label).all()


def test_masks_of_another_size_are_fitted_to_the_picture(tmp_path: Path) -> None:
    add(tmp_path, "a", (HALF * np.uint8(255)).repeat(3, axis=0).repeat(3, axis=1))
    assert np.array_equal(truth(tmp_path), HALF)


def test_lists_may_name_files_with_their_suffix_and_order_them(tmp_path: Path) -> None:
    for name in "abc":
        add(tmp_path, name, HALF, suffix=".PNG")
    (tmp_path / "val.txt").write_text("c.png\na\n")
    assert [sample.name for sample in open_split(CHOICE, "val", tmp_path)] == ["c", "a"]


def test_without_lists_no_picture_both_calibrates_and_measures(tmp_path: Path) -> None:
    for name in "abcdefg":
        add(tmp_path, name, HALF)
    splits = [open_split(CHOICE, name, tmp_path) for name in ("calibration", "val")]
    names = [[sample.name for sample in split] for split in splits]
    assert names == [["a", "d", "g"], ["b", "c", "e", "f"]]


def test_pictures_without_masks_calibrate_and_measure_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (8, 4)).save(tmp_path / "a.webp")
    (sample,) = open_split(CHOICE, "calibration", tmp_path)
    assert (sample.truth == VOID).all()
    with pytest.raises(SourceError, match="no masks to measure against"):
        open_split(CHOICE, "val", tmp_path)


def test_two_pictures_of_one_name_are_named(tmp_path: Path) -> None:
    add(tmp_path, "a", HALF, suffix=".jpg")
    add(tmp_path, "a", HALF, suffix=".png")
    with pytest.raises(SourceError, match=r"a\.jpg and .*a\.png"):
        open_split(CHOICE, "val", tmp_path)


def test_a_mask_that_is_missing_is_named(tmp_path: Path) -> None:
    add(tmp_path, "a", HALF)
    (tmp_path / "masks/a.png").rename(tmp_path / "masks/b.png")
    (tmp_path / "val.txt").write_text("a")
    with pytest.raises(SourceError, match=r"masks/a\.\*"):
        open_split(CHOICE, "val", tmp_path)


def test_the_folder_of_people_opens_though_masks_differ_in_size(shared: Path) -> None:
    dataset = open_split(CHOICE, "calibration", shared / "data" / "human", 10, 2)
    assert len(list(dataset)) == 10
