"""Pictures in a folder, with or without binary masks.

`images/` and `masks/` hold files of the same names but for their suffixes; masks are dark (label
0) and bright (label 1). `<split>.txt` beside them lists names. Where neither split has a list,
every third picture calibrates and the others are measured. A folder of nothing but pictures
calibrates, and measures nothing.
"""

from pathlib import Path

import numpy as np

from convert.datasets.base import Picture, Pixels
from convert.datasets.lists import check_files, pictures_by_stem, read_list
from convert.datasets.truth import by_mask, unknown
from convert.errors import SourceError
from convert.pictures.read import read_picture
from convert.pictures.resample import resample
from convert.preprocessing import Resampling
from convert.recipe import DatasetChoice

FOLDER_NEEDED = True

_THRESHOLD = 127
_NEAREST = Resampling(method="nearest")


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """The pictures of a split, in the list's order or in that of their names."""
    images = pictures_by_stem(_image_folder(root))
    if not images:
        raise SourceError(f"{root} holds no pictures", hint="Give a folder of jpg, png or webp.")
    if not (root / "masks").is_dir():
        return _without_masks(root, images, split, choice)
    masks = pictures_by_stem(root / "masks")
    names = _names(root, images, split, choice)
    check_files((images.get(name, root / "images" / f"{name}.*") for name in names), split)
    check_files((masks.get(name, root / "masks" / f"{name}.*") for name in names), split)
    return tuple(by_mask(images[name], masks[name], _read_labels) for name in names)


def _image_folder(root: Path) -> Path:
    if not root.is_dir():
        raise SourceError(f"{root} is no folder", hint="Give a folder with images/ and masks/.")
    return root / "images" if (root / "images").is_dir() else root


def _without_masks(
    root: Path, images: dict[str, Path], split: str, choice: DatasetChoice
) -> tuple[Picture, ...]:
    if split != choice.calibration:
        raise SourceError(
            f"{root} holds pictures, but no masks to measure against",
            hint=f"Put them into {root / 'masks'}, named like the pictures in {root / 'images'}.",
        )
    return tuple(unknown(path) for path in images.values())


def _names(
    root: Path, images: dict[str, Path], split: str, choice: DatasetChoice
) -> tuple[str, ...]:
    """The split's names, from its list or, where no split has one, by turns."""
    if any((root / f"{name}.txt").exists() for name in (choice.calibration, choice.evaluation)):
        return read_list(root / f"{split}.txt")
    calibrates = split == choice.calibration
    return tuple(name for turn, name in enumerate(images) if (turn % 3 == 0) == calibrates)


def _read_labels(mask: Path, image: Pixels) -> Pixels:
    """The mask as labels 0 and 1, at the picture's size."""
    levels = read_picture(mask).max(axis=-1)
    labels = (levels > _threshold(levels)).astype(np.uint8)
    fitted: Pixels = resample(labels, (image.shape[0], image.shape[1]), _NEAREST)
    return fitted


def _threshold(levels: Pixels) -> float:
    """What label 1 lies above: half way between two levels, or else the middle of the range."""
    present = np.flatnonzero(np.bincount(levels.reshape(-1), minlength=256))
    if len(present) == 2:
        return float(present.mean())
    return _THRESHOLD if present[-1] > 1 else 0
