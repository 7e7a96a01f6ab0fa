"""Boxes in the layout of COCO: `instances_<split>.json`, and folders of pictures.

The file lies in `annotations/` or beside the pictures' folders, and a year may follow the split in
its name (`instances_val2017.json`). Pictures lie in a folder that is called as the split is, with
or without `images/` before it, or in `images/`. What calibrates is in a folder of its own (or in
`train`), which needs no file, or has a file of its own; where there is neither, some pictures of
the evaluation's file calibrate and the others are measured.
"""

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Boxes, Picture, PictureFile, Pixels
from convert.datasets.coco_file import Annotation, Image, Instances, read_instances
from convert.datasets.lists import check_files, pictures_by_stem
from convert.errors import SourceError, UsageError
from convert.recipe import DatasetChoice

FOLDER_NEEDED = True

_INSTEAD = {"calibration": "train"}
_TURNS = 3
"""Without pictures for calibration, at most every third is taken for it."""
_NAMED = 5
_LAYOUT = "It should hold annotations/instances_val.json and the folder of pictures that it names."


def recognises(root: Path) -> bool:
    """Whether a folder holds a file of annotations as COCO names them."""
    return bool(_files(root))


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """The pictures of a split, in the file's order; without `labels` they have no boxes.

    Categories are told apart by name, whatever case, spaces, hyphens and underscores they have.
    Raises UsageError where `labels` lack a name that boxes have.
    """
    calibrates = split == choice.calibration
    folder = _folder_without_file(root, choice.calibration)
    if calibrates and folder:
        images = pictures_by_stem(folder).values()
        return tuple(_picture(path, np.zeros((0, 6)), None) for path in images)
    shared = not folder and not _named(root, choice.calibration)
    file = _file(root, choice.evaluation if calibrates and shared else split)
    instances = read_instances(file)
    pictures = _pictures(root, file, instances, _numbers(file, instances, labels))
    if not shared or not choice.calibration_images:
        return pictures
    turns = max(_TURNS, -(-len(pictures) // choice.calibration_images))
    return tuple(p for turn, p in enumerate(pictures) if (turn % turns == 0) == calibrates)


def _files(root: Path) -> dict[str, Path]:
    """Split, with its year -> its file."""
    places = [*root.glob("annotations/instances_*.json"), *root.glob("instances_*.json")]
    return {path.stem.removeprefix("instances_"): path for path in sorted(places)}


def _file(root: Path, split: str) -> Path:
    """The file of a split."""
    files, named = _files(root), _named(root, split)
    if not named:
        there = ", ".join(f"instances_{name}.json" for name in files) or "none"
        raise SourceError(
            f"{root} has no instances_{split}.json",
            hint=f"Files of annotations there: {there}. Such as instances_val.json is looked "
            "for; the recipe's [dataset] evaluation can name another split.",
        )
    if len(named) > 1 and split not in named:
        raise SourceError(
            f"{root} has several files for split {split!r}: {', '.join(named)}",
            hint="Name the split with its year in the recipe's [dataset] evaluation.",
        )
    return files[split if split in named else named[0]]


def _named(root: Path, split: str) -> list[str]:
    """The split itself, and the split with a year, where there are files of them."""
    return [name for name in _files(root) if re.fullmatch(rf"{re.escape(split)}(\d{{4}})?", name)]


def _folder_without_file(root: Path, split: str) -> Path | None:
    """A folder of pictures for a split that needs no boxes."""
    for name in filter(None, (split, _INSTEAD.get(split))):
        found = sorted(p for place in (root, root / "images") for p in place.glob(f"{name}*"))
        for folder in found:
            exact = re.fullmatch(rf"{re.escape(name)}(\d{{4}})?", folder.name)
            if exact and folder.is_dir() and pictures_by_stem(folder):
                return folder
    return None


def _pictures(
    root: Path, file: Path, instances: Instances, numbers: Mapping[int, int] | None
) -> tuple[Picture, ...]:
    """With the boxes of those categories that have a number; with none, where there is no such."""
    split = file.stem.removeprefix("instances_")
    if not instances.images:
        raise SourceError(f"{file} names no picture", hint=_LAYOUT)
    folder = _image_folder(root, split, instances.images[0].file_name)
    boxes: dict[int, list[Annotation]] = {image.id: [] for image in instances.images}
    for each in instances.annotations if numbers is not None else ():
        boxes[each.image_id].append(each)
    found = tuple(
        _picture(folder / image.file_name, _rows(boxes[image.id], numbers or {}), image)
        for image in instances.images
    )
    check_files((picture.path for picture in found), split)
    return found


def _image_folder(root: Path, split: str, name: str) -> Path:
    """The folder that a picture's name is told from."""
    bare = re.sub(r"\d{4}$", "", split)
    below = (split, f"images/{split}", bare, f"images/{bare}", "images", ".")
    for folder in below:
        if (root / folder / name).is_file():
            return root / folder
    looked = ", ".join(str(PurePosixPath(folder) / name) for folder in dict.fromkeys(below))
    raise SourceError(
        f"{root} does not hold {name}, the first picture of split {split!r}; looked for {looked}",
        hint="Unpack the pictures there.",
    )


def _picture(path: Path, rows: Boxes, image: Image | None) -> PictureFile:
    digest = partial(json.dumps, rows.tolist())
    return PictureFile(
        path=path, read_truth=partial(_truth, path, rows, image), truth_digest=digest
    )


def _rows(annotations: list[Annotation], numbers: Mapping[int, int]) -> Boxes:
    """Class, 1 for a crowd, top, left, bottom, right: [M, 6]."""
    rows = [
        (numbers[a.category_id], a.iscrowd, a.bbox[1], a.bbox[0], *_far_corner(a.bbox))
        for a in annotations
    ]
    made: NDArray[np.float64] = np.array(rows, np.float64).reshape(-1, 6)
    return made


def _far_corner(box: tuple[float, float, float, float]) -> tuple[float, float]:
    """Bottom and right of a box that is left, top, width and height."""
    return box[1] + box[3], box[0] + box[2]


def _truth(path: Path, rows: Boxes, image: Image | None, pixels: Pixels) -> Boxes:
    height, width = pixels.shape[:2]
    if image and (image.height or height, image.width or width) != (height, width):
        raise SourceError(
            f"{path} is {height}x{width} pixels, and its boxes are of {image.height}x{image.width}",
            hint="Bring the pictures that were annotated, neither resized nor turned.",
        )
    return rows


def _numbers(
    file: Path, instances: Instances, labels: tuple[str, ...] | None
) -> dict[int, int] | None:
    """Category -> the model's class of the same name, for the categories that boxes have."""
    if labels is None:
        return None
    used = {each.category_id for each in instances.annotations}
    names = {each.id: each.name for each in instances.categories if each.id in used}
    known = {_plain(label): number for number, label in reversed(list(enumerate(labels)))}
    unknown = [name for name in names.values() if _plain(name) not in known]
    if unknown:
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        has = ", ".join(labels) if labels else "none: the recipe has no labels"
        raise UsageError(
            f"{file} has boxes of {', '.join(map(repr, unknown[:_NAMED]))}{more}, and no label of "
            "the recipe is called so",
            hint="Classes are matched by name: name them in the recipe's labels as the file does, "
            f"or take them out of the file. The labels are: {has}.",
        )
    return {number: known[_plain(name)] for number, name in names.items()}


def _plain(name: str) -> str:
    """A name less what its writers differ in."""
    return re.sub(r"[\s_-]+", " ", name.strip()).casefold()
