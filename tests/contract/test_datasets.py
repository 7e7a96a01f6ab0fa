"""What every dataset backend promises, each on a small dataset of its own."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets import DATASETS, open_split
from convert.errors import ConvertError, SourceError, UsageError
from convert.recipe import DatasetChoice
from convert.vocabulary import VOID, DatasetKind

SPLITS = {"calibration": ("c0", "c1"), "val": ("v0", "v1", "v2")}
NAMES = [name for names in SPLITS.values() for name in names]
CLASSES = 6
LABELS = ("ground", "a", "b", "c", "d", "e")


def picture(seed: str) -> Image.Image:
    generator = np.random.default_rng(list(seed.encode()))
    return Image.fromarray(generator.integers(0, 256, (12, 16, 3)).astype(np.uint8))


def mask(label: int) -> Image.Image:
    labels = np.zeros((12, 16), np.uint8)
    labels[4:8], labels[8:] = label, VOID
    return Image.fromarray(labels)


def write_lists(folder: Path) -> None:
    for split, names in SPLITS.items():
        (folder / f"{split}.txt").write_text("\n".join(names))


def make_voc(root: Path) -> Path:
    for part in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (root / part).mkdir(parents=True)
    for name in NAMES:
        picture(name).save(root / f"JPEGImages/{name}.jpg")
        mask(5).save(root / f"SegmentationClass/{name}.png")
    write_lists(root / "ImageSets/Segmentation")
    return root


def make_masks(root: Path) -> Path:
    for part in ("images", "masks"):
        (root / part).mkdir(parents=True)
    for name in NAMES:
        picture(name).save(root / f"images/{name}.jpg")
        mask(255).save(root / f"masks/{name}.png")
    write_lists(root)
    return root


def make_imagenet(root: Path) -> Path:
    (root / "images").mkdir(parents=True)
    rows = [f"{name}.jpg,{CLASSES - 1},{s}" for s, names in SPLITS.items() for name in names]
    for name in NAMES:
        picture(name).save(root / f"images/{name}.jpg")
    (root / "labels.csv").write_text("\n".join(["file,class_index,split", *rows]))
    return root


def make_coco(root: Path) -> Path:
    (root / "annotations").mkdir(parents=True)
    for split, names in SPLITS.items():
        (root / split).mkdir()
        for name in names:
            picture(name).save(root / f"{split}/{name}.jpg")
    names = SPLITS["val"]
    boxed = {
        "images": [{"id": n, "file_name": f"{name}.jpg"} for n, name in enumerate(names)],
        "annotations": [
            {"image_id": n, "category_id": 7, "bbox": [1, 2, 8, 4]} for n in range(len(names))
        ],
        "categories": [{"id": 7, "name": LABELS[-1]}],
    }
    (root / "annotations/instances_val.json").write_text(json.dumps(boxed))
    return root


def make_nothing(root: Path) -> None:
    """The pictures are drawn."""


MAKERS: dict[DatasetKind, Callable[[Path], Path | None]] = {
    "shapes": make_nothing,
    "voc": make_voc,
    "masks": make_masks,
    "imagenet": make_imagenet,
    "coco": make_coco,
}
KINDS = pytest.mark.parametrize("kind", DATASETS)
IN_FOLDERS = pytest.mark.parametrize(
    "kind", [kind for kind, backend in DATASETS.items() if backend.FOLDER_NEEDED]
)


def test_every_backend_has_a_small_dataset_here() -> None:
    assert set(MAKERS) == set(DATASETS)


@KINDS
def test_samples_are_rgb_pictures_with_a_truth_that_fits(kind: DatasetKind, tmp_path: Path) -> None:
    root = MAKERS[kind](tmp_path / "d")
    dataset = open_split(DatasetChoice(kind=kind), "val", root, 3, CLASSES, LABELS)
    for sample in dataset:
        assert sample.name
        assert sample.image.dtype == np.uint8
        assert sample.image.shape[2:] == (3,)
        if isinstance(sample.truth, np.ndarray) and sample.truth.dtype == np.float64:
            assert sample.truth.shape[1:] == (6,)
        elif isinstance(sample.truth, np.ndarray):
            assert sample.truth.dtype == np.uint8
            assert sample.truth.shape == sample.image.shape[:2]


@KINDS
def test_pictures_come_in_the_same_order_every_time(kind: DatasetKind, tmp_path: Path) -> None:
    dataset = open_split(DatasetChoice(kind=kind), "val", MAKERS[kind](tmp_path / "d"), limit=3)
    names = [sample.name for sample in dataset]
    assert names == [sample.name for sample in dataset]
    assert len(names) == len(dataset) == len(set(names))


@KINDS
def test_a_limit_takes_the_first_pictures(kind: DatasetKind, tmp_path: Path) -> None:
    choice, root = DatasetChoice(kind=kind), MAKERS[kind](tmp_path / "d")
    whole, part = open_split(choice, "val", root), open_split(choice, "val", root, 2)
    assert len(part) == 2
    assert part.digests() == whole.digests()[:2]


@KINDS
def test_the_splits_have_no_picture_in_common(kind: DatasetKind, tmp_path: Path) -> None:
    choice, root = DatasetChoice(kind=kind), MAKERS[kind](tmp_path / "d")
    digests = [set(open_split(choice, split, root).digests()) for split in SPLITS]
    assert not set.intersection(*digests)


@KINDS
def test_a_split_that_is_not_there_is_named(kind: DatasetKind, tmp_path: Path) -> None:
    with pytest.raises(ConvertError, match="holiday") as caught:
        open_split(DatasetChoice(kind=kind), "holiday", MAKERS[kind](tmp_path / "d"))
    assert "val" in str(caught.value.hint)


@IN_FOLDERS
def test_a_changed_picture_has_another_digest(kind: DatasetKind, tmp_path: Path) -> None:
    choice, root = DatasetChoice(kind=kind), MAKERS[kind](tmp_path / "d")
    assert root
    before = open_split(choice, "val", root).digests()
    picture("other").save(next(root.rglob("v0.jpg")))
    after = open_split(choice, "val", root).digests()
    assert after[0] != before[0]
    assert after[1:] == before[1:]


@IN_FOLDERS
def test_a_changed_truth_has_another_digest(kind: DatasetKind, tmp_path: Path) -> None:
    choice, root = DatasetChoice(kind=kind), MAKERS[kind](tmp_path / "d")
    assert root
    before = open_split(choice, "val", root, labels=LABELS).digests()
    for path in root.rglob("v0.png"):
        mask(2).save(path)
    for path in root.rglob("labels.csv"):
        path.write_text(path.read_text().replace("v0.jpg,5", "v0.jpg,2"))
    for path in root.rglob("*.json"):
        path.write_text(path.read_text().replace("[1, 2, 8, 4]", "[1, 2, 9, 4]", 1))
    after = open_split(choice, "val", root, labels=LABELS).digests()
    assert after[0] != before[0]
    assert after[1:] == before[1:]


@IN_FOLDERS
def test_a_broken_picture_is_named_when_it_is_read(kind: DatasetKind, tmp_path: Path) -> None:
    root = MAKERS[kind](tmp_path / "d")
    assert root
    path = next(root.rglob("v1.jpg"))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SourceError, match=r"v1\.jpg"):
        list(open_split(DatasetChoice(kind=kind), "val", root))


@IN_FOLDERS
def test_a_picture_that_is_missing_is_named_at_once(kind: DatasetKind, tmp_path: Path) -> None:
    root = MAKERS[kind](tmp_path / "d")
    assert root
    next(root.rglob("v1.jpg")).unlink()
    with pytest.raises(SourceError, match="v1"):
        open_split(DatasetChoice(kind=kind), "val", root)


@IN_FOLDERS
def test_a_truth_outside_the_models_classes_is_named(kind: DatasetKind, tmp_path: Path) -> None:
    root = MAKERS[kind](tmp_path / "d")
    dataset = open_split(DatasetChoice(kind=kind), "val", root, classes=1, labels=LABELS)
    with pytest.raises(SourceError, match="the truth of v0"):
        list(dataset)


@IN_FOLDERS
def test_a_folder_of_another_layout_is_named(kind: DatasetKind, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=str(tmp_path)) as caught:
        open_split(DatasetChoice(kind=kind), "val", tmp_path)
    assert caught.value.hint


@IN_FOLDERS
def test_no_folder_at_all_is_a_usage_error(kind: DatasetKind) -> None:
    with pytest.raises(UsageError, match=kind):
        open_split(DatasetChoice(kind=kind), "val", None)
