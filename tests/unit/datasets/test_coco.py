"""COCO's layout: boxes by name, and what is wrong is said by file and place."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets import coco, holds, open_split
from convert.errors import ConvertError, SourceError, UsageError
from convert.recipe import DatasetChoice

CHOICE = DatasetChoice(kind="coco")
LABELS = ("???", "person", "traffic light", "???")
PICTURES = 9


def contents(**changed):
    images = [
        {"id": 10 + n, "file_name": f"{n:03}.jpg", "height": 20, "width": 30}
        for n in range(PICTURES)
    ]
    annotations = [
        {"id": 1, "image_id": 10, "category_id": 5, "bbox": [1, 2, 8.5, 4], "iscrowd": 0},
        {"id": 2, "image_id": 10, "category_id": 9, "bbox": [0, 0, 30, 20], "iscrowd": 1},
        {"id": 3, "image_id": 11, "category_id": 9, "bbox": [3, 3, 0, 5]},
    ]
    categories = [
        {"id": 5, "name": "Traffic_Light", "supercategory": "outdoor"},
        {"id": 9, "name": "person"},
        {"id": 12, "name": "unicorn"},
    ]
    parts = {"info": {}, "images": images, "annotations": annotations, "categories": categories}
    return {**parts, **changed}


def write(root, content, file="annotations/instances_val.json", folder="val"):
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(content if isinstance(content, str) else json.dumps(content))
    for n in range(PICTURES):
        levels = np.full((20, 30, 3), n, np.uint8)
        Image.fromarray(levels).save(root / folder / f"{n:03}.jpg")
    return root


def opened(root, split="val", labels=LABELS, choice=CHOICE):
    return open_split(choice, split, root, labels=labels)


def calibration(root):
    (root / "train").mkdir()
    Image.new("RGB", (30, 20)).save(root / "train/t.png")


def test_boxes_are_corners_of_the_classes_that_are_called_so(tmp_path):
    write(tmp_path, contents())
    calibration(tmp_path)
    samples = list(opened(tmp_path))
    assert [sample.name for sample in samples] == [f"{n:03}" for n in range(PICTURES)]
    assert samples[0].truth.tolist() == [[2, 0, 2, 1, 6, 9.5], [1, 1, 0, 0, 20, 30]]
    assert samples[1].truth.tolist() == [[1, 0, 3, 3, 8, 3]]
    assert samples[2].truth.shape == (0, 6)


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("annotations/instances_val2017.json", "val2017"),
        ("annotations/instances_val2017.json", "images/val2017"),
        ("annotations/instances_val2017.json", "images/val"),
        ("instances_val.json", "images"),
        ("instances_val.json", "."),
    ],
)
def test_the_usual_ways_to_lay_it_out_are_known(tmp_path, file, folder):
    write(tmp_path, contents(), file, folder)
    assert coco.recognises(tmp_path)
    assert len(opened(tmp_path)) + len(opened(tmp_path, "calibration")) == PICTURES


def test_without_pictures_for_it_every_third_calibrates_and_is_not_measured(tmp_path):
    write(tmp_path, contents())
    calibrates, measured = opened(tmp_path, "calibration", None), opened(tmp_path)
    names = [[picture.name for picture in split.pictures] for split in (calibrates, measured)]
    assert names[0] == ["000", "003", "006"]
    assert sorted(names[0] + names[1]) == [f"{n:03}" for n in range(PICTURES)]
    fewer = DatasetChoice(kind="coco", calibration_images=2)
    assert len(opened(tmp_path, choice=fewer)) == PICTURES - 2


def test_a_folder_of_pictures_calibrates_without_a_file(tmp_path):
    write(tmp_path, contents())
    calibration(tmp_path)
    (sample,) = opened(tmp_path, "calibration", None)
    assert (sample.name, sample.truth.shape) == ("t", (0, 6))
    assert len(opened(tmp_path)) == PICTURES


def test_a_file_of_its_own_tells_what_calibrates_among_pictures_of_one_folder(tmp_path):
    whole = contents()
    parts = {"calibration": whole["images"][:2], "val": whole["images"][2:]}
    for split, images in parts.items():
        content = contents(images=images, annotations=[])
        write(tmp_path, content, f"annotations/instances_{split}.json", "images")
    names = [[p.name for p in opened(tmp_path, split).pictures] for split in parts]
    assert names == [["000", "001"], [f"{n:03}" for n in range(2, PICTURES)]]


def test_who_does_not_ask_for_the_truth_needs_no_labels(tmp_path):
    write(tmp_path, contents())
    assert {sample.truth.shape for sample in opened(tmp_path, labels=None)} == {(0, 6)}


@pytest.mark.parametrize("labels", [("???", "person"), ()])
def test_a_class_that_the_model_does_not_have_is_named(tmp_path, labels):
    write(tmp_path, contents())
    with pytest.raises(UsageError, match="'Traffic_Light'") as caught:
        opened(tmp_path, labels=labels)
    assert "unicorn" not in str(caught.value), "no box is of that class"
    assert ("person" if labels else "no labels") in caught.value.hint


def changed(part, number, **values):
    """A file of which one entry differs."""
    whole = contents()
    entries = whole[part]
    entries[number] = {**entries[number], **values}
    return whole


def less(part, number, key):
    whole = contents()
    del whole[part][number][key]
    return whole


BROKEN = {
    "not JSON": ('{"images": [', "JSON"),
    "nothing": ("", "JSON"),
    "a list": ("[]", "object"),
    "no categories": ({k: v for k, v in contents().items() if k != "categories"}, "categories"),
    "no bbox": (less("annotations", 1, "bbox"), "annotations.1.bbox"),
    "three numbers": (changed("annotations", 0, bbox=[1, 2, 3]), "annotations.0.bbox"),
    "a negative side": (changed("annotations", 2, bbox=[1, 2, 3, -4]), "annotations.2.bbox"),
    "no number": (changed("annotations", 2, bbox=[1, 2, float("nan"), 4]), "annotations.2.bbox"),
    "infinite": (changed("annotations", 2, bbox=[1, 2, float("inf"), 4]), "annotations.2.bbox"),
    "crowd 2": (changed("annotations", 1, iscrowd=2), "annotations.1.iscrowd"),
    "unknown category": (changed("annotations", 0, category_id=77), "annotations.0.*77"),
    "unknown picture": (changed("annotations", 1, image_id=99), "annotations.1.*99"),
    "two of an id": (changed("images", 1, id=10), "id 10 stands there twice"),
    "two of a name": (changed("images", 1, file_name="000.jpg"), "000.jpg' stands there twice"),
    "two of a category": (changed("categories", 1, id=5), "id 5 stands there twice"),
    "a way out": (changed("images", 1, file_name="../../etc/passwd"), "leads outside"),
    "an absolute path": (changed("images", 1, file_name="/etc/passwd"), "leads outside"),
    "another drive": (changed("images", 1, file_name="C:\\x.jpg"), "leads outside"),
    "a null byte": (changed("images", 1, file_name="a\0b.jpg"), "leads outside"),
    "no name": (changed("images", 1, file_name=""), "images.1.file_name"),
    "deep": ("[" * 100_000, "instances_val.json"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path, name):
    content, place = BROKEN[name]
    write(tmp_path, content)
    with pytest.raises(SourceError, match=place) as caught:
        opened(tmp_path)
    assert "instances_val.json" in caught.value.message
    assert caught.value.hint


def test_no_picture_at_all_is_said(tmp_path):
    write(tmp_path, contents(images=[], annotations=[]))
    with pytest.raises(SourceError, match="names no picture"):
        opened(tmp_path)


def test_pictures_that_are_not_there_are_named_with_the_places_looked_at(tmp_path):
    write(tmp_path, contents(), folder="elsewhere")
    with pytest.raises(SourceError, match=r"000\.jpg") as caught:
        opened(tmp_path)
    assert "images/val/000.jpg" in caught.value.message


def test_a_picture_that_was_resized_after_its_boxes_were_drawn_is_named(tmp_path):
    write(tmp_path, changed("images", 1, height=40, width=60))
    with pytest.raises(SourceError, match=r"001\.jpg is 20x30 pixels.*40x60"):
        list(opened(tmp_path))


def test_two_years_of_a_split_are_not_told_apart_by_guessing(tmp_path):
    for year in (2014, 2017):
        write(tmp_path, contents(), f"annotations/instances_val{year}.json")
    with pytest.raises(SourceError, match="val2014, val2017"):
        opened(tmp_path)
    chosen = DatasetChoice(kind="coco", evaluation="val2017")
    write(tmp_path, contents(), "annotations/instances_val2017.json", "val2017")
    assert len(opened(tmp_path, "val2017", choice=chosen)) > 0


def test_a_folder_is_recognised_by_its_files_also_from_above(tmp_path):
    write(tmp_path / "coco", contents())
    assert holds(CHOICE, tmp_path)
    assert holds(CHOICE, tmp_path / "coco")
    assert not holds(CHOICE, tmp_path / "coco/val")
    assert not holds(DatasetChoice(kind="voc"), tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "instances_val.json").mkdir()
    with pytest.raises(ConvertError, match=r"instances_val\.json cannot be read"):
        opened(tmp_path)
