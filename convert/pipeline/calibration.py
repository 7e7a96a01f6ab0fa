"""Which pictures calibrate: a split of the dataset, any folder of the user's, or drawn ones."""

from dataclasses import dataclass
from pathlib import Path

from convert.datasets import open_split
from convert.datasets.anywhere import pictures_below
from convert.datasets.base import Dataset
from convert.datasets.overlap import refuse_overlap
from convert.datasets.shapes import drawn
from convert.datasets.spread import looked_at, spread
from convert.errors import SourceError
from convert.recipe import DatasetChoice
from convert.report import Calibration

NONE = "none"
"""What `--calibration` is given by those who have no pictures."""
_IMAGES = 50
"""From a folder, where the recipe wants no pictures of its dataset."""
_DRAWN = 64
_DRAWN_SIZE = (375, 500)
"""As photographs are: most inputs are smaller, and see edges as sharp as theirs."""
_FIRST_SEED = 3_000_000


@dataclass(frozen=True, kw_only=True)
class Calibrating:
    """The pictures, what is published of them, and what was left out."""

    pictures: Dataset
    facts: Calibration
    unreadable: tuple[str, ...] = ()
    """A sentence for each picture of a folder that cannot be read."""


def calibrating(
    choice: DatasetChoice, asked: str | None, root: Path | None, evaluation: Dataset
) -> Calibrating:
    """The pictures of the folder `asked`, none where that is "none", or else the recipe's split.

    Of more than `calibration_images`, those are taken that differ most. Raises UsageError where
    one of them measures too, SourceError where none can be read.
    """
    if asked == NONE or (asked is None and not choice.calibration_images):
        return _drawn()
    if asked is None:
        return _split(choice, root, evaluation)
    return _folder(Path(asked), choice.calibration_images or _IMAGES, evaluation)


def _drawn() -> Calibrating:
    pictures = drawn(range(_FIRST_SEED, _FIRST_SEED + _DRAWN), _DRAWN_SIZE)
    facts = Calibration(kind="synthesised", of="drawn scenes", images=len(pictures))
    return Calibrating(pictures=Dataset(pictures=pictures), facts=facts)


def _split(choice: DatasetChoice, root: Path | None, evaluation: Dataset) -> Calibrating:
    whole, count = open_split(choice, choice.calibration, root), choice.calibration_images
    refuse_overlap(Dataset(pictures=looked_at(whole.pictures, count)), evaluation)
    if len(whole) > count:
        found = spread(whole.pictures, count)
        if found.unreadable:
            raise SourceError(found.unreadable[0], hint="Bring it again, or take it out.")
        whole = Dataset(pictures=found.pictures)
    facts = Calibration(kind="split", of=f"{choice.kind} {choice.calibration}", images=len(whole))
    return Calibrating(pictures=whole, facts=facts)


def _folder(folder: Path, count: int, evaluation: Dataset) -> Calibrating:
    found = pictures_below(folder)
    refuse_overlap(Dataset(pictures=looked_at(found, count)), evaluation)
    chosen = spread(found, count)
    # A manifest names no folders of this machine's.
    facts = Calibration(kind="folder", of=folder.resolve().name, images=len(chosen.pictures))
    return Calibrating(
        pictures=Dataset(pictures=chosen.pictures), facts=facts, unreadable=chosen.unreadable
    )
