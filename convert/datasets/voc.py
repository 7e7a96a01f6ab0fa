"""PASCAL VOC 2012 segmentation, in the layout of its official archive.

`JPEGImages/<name>.jpg`, `SegmentationClass/<name>.png` (palette indices, 255 = void) and
`ImageSets/Segmentation/<split>.txt`, which lists names. The archive has no list named
`calibration`; there its `train` list serves.
"""

from pathlib import Path

from convert.datasets.base import Picture, Pixels
from convert.datasets.lists import check_files, read_list
from convert.datasets.truth import by_mask
from convert.errors import SourceError
from convert.pictures.read import read_indices
from convert.recipe import DatasetChoice

FOLDER_NEEDED = True

_BELOW = (".", "VOC2012", "VOCdevkit/VOC2012")
_LISTS = "ImageSets/Segmentation"
_INSTEAD = {"calibration": "train"}


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """The pictures of a split's list; `root` is VOC2012 or a folder that holds it."""
    folder = _voc_folder(root)
    names = read_list(_list_path(folder / _LISTS, split))
    images = [folder / "JPEGImages" / f"{name}.jpg" for name in names]
    masks = [folder / "SegmentationClass" / f"{name}.png" for name in names]
    check_files([*images, *masks], split)
    return tuple(
        by_mask(image, mask, _read_labels) for image, mask in zip(images, masks, strict=True)
    )


def _voc_folder(root: Path) -> Path:
    for below in _BELOW:
        if (root / below / _LISTS).is_dir():
            return root / below
    raise SourceError(
        f"{root} is no PASCAL VOC folder: it has no {_LISTS}",
        hint="Give the folder VOC2012 of the official archive, or one that holds it.",
    )


def _list_path(lists: Path, split: str) -> Path:
    own = lists / f"{split}.txt"
    instead = lists / f"{_INSTEAD.get(split, split)}.txt"
    return own if own.exists() else instead


def _read_labels(mask: Path, image: Pixels) -> Pixels:
    labels = read_indices(mask)
    if labels.shape != image.shape[:2]:
        raise SourceError(
            f"{mask} is {labels.shape[0]}x{labels.shape[1]} pixels, "
            f"its picture {image.shape[0]}x{image.shape[1]}",
            hint="Bring both again from the same archive.",
        )
    return labels
