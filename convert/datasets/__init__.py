"""Pictures and truth: the table of dataset backends, and the one way to open a split."""

from pathlib import Path

from convert.datasets import coco, imagenet, masks, shapes, voc
from convert.datasets.base import Dataset, DatasetBackend
from convert.datasets.locate import locate
from convert.errors import SourceError, UsageError
from convert.recipe import DatasetChoice
from convert.vocabulary import DatasetKind

DATASETS: dict[DatasetKind, DatasetBackend] = {
    "shapes": shapes,
    "voc": voc,
    "masks": masks,
    "imagenet": imagenet,
    "coco": coco,
}


def root_of(
    choice: DatasetChoice, explicit: Path | None, datasets: Path | None, mirror: str | None
) -> Path | None:
    """The chosen dataset's folder, as `locate` finds it; None where it needs none."""
    if not DATASETS[choice.kind].FOLDER_NEEDED:
        return None
    folder = choice.folder or choice.kind
    return locate(folder, explicit=explicit, datasets=datasets, mirror=mirror)


def holds(choice: DatasetChoice, given: Path) -> bool:
    """Whether a folder is the chosen dataset or holds it, told by the names of its files.

    False of a kind that is not told apart from others that way.
    """
    recognises = getattr(DATASETS[choice.kind], "recognises", None)
    places = (given / (choice.folder or choice.kind), given)
    return recognises is not None and any(recognises(place) for place in places)


def open_split(
    choice: DatasetChoice,
    split: str,
    root: Path | None,
    limit: int | None = None,
    classes: int | None = None,
    labels: tuple[str, ...] | None = None,
) -> Dataset:
    """A split of the chosen dataset below `root`, or its first `limit` pictures.

    With `classes`, a picture whose truth names another class is an error when it is read; `labels`
    are those classes' names, where the truth is asked for (some truth is told by name). Raises
    UsageError where a folder is needed and none is given, SourceError where the split is empty
    or the folder is not laid out as it should be.
    """
    backend = DATASETS[choice.kind]
    if root is None and backend.FOLDER_NEEDED:
        raise UsageError(
            f"the dataset {choice.kind!r} lies in a folder, and none is given",
            hint="Name it with --dataset DIR, or [dataset] folder in the recipe.",
        )
    pictures = backend.list_pictures(root or Path(), split, choice, labels)[:limit]
    if not pictures:
        raise SourceError(f"split {split!r} of {root or choice.kind} holds no pictures")
    return Dataset(pictures=pictures, classes=classes)
