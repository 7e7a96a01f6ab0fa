"""What a dataset is, and what a dataset backend is: a module that lists one split's pictures."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.pictures.read import read_picture
from convert.recipe import DatasetChoice
from convert.vocabulary import VOID as VOID

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float64]
"""Class, 1 for a crowd (else 0), top, left, bottom, right in pixels: [M, 6]."""
Truth = Pixels | Boxes | int
"""A label map [H, W] (255 = void), boxes, or the model's class index."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One picture and what is true of it."""

    name: str
    image: Pixels
    """RGB, [H, W, 3]."""
    truth: Truth
    """A picture without truth has a label map that is void all over."""


class Picture(Protocol):
    """One listed picture; nothing of it is decoded or drawn until it is read."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def read(self) -> Sample:
        """Decode it and its truth. Raises SourceError, naming the file, where they are broken."""
        ...

    def digest(self) -> str:
        """What changes when the picture's content does; equal contents have equal digests."""
        ...

    def truth_digest(self) -> str:
        """What changes when its truth does."""
        ...


@dataclass(frozen=True, kw_only=True)
class PictureFile:
    """A picture in a file, and where its truth comes from."""

    path: Path
    read_truth: Callable[[Pixels], Truth]
    """The truth, given the decoded picture."""
    truth_digest: Callable[[], str]

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.path.stem

    def read(self) -> Sample:
        """Decode the file."""
        image = read_picture(self.path)
        return Sample(name=self.name, image=image, truth=self.read_truth(image))

    def digest(self) -> str:
        """The SHA-256 of the file."""
        return sha256_of(self.path)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One split; pictures are decoded one at a time as they are asked for."""

    pictures: tuple[Picture, ...]
    classes: int | None = None
    """How many classes the truth may name, where that is to be checked."""

    def __len__(self) -> int:
        """How many pictures it has."""
        return len(self.pictures)

    def __iter__(self) -> Iterator[Sample]:
        """Every picture, always in the same order. Raises SourceError where one is broken."""
        for picture in self.pictures:
            sample = picture.read()
            if self.classes is not None:
                _check_labels(sample, self.classes)
            yield sample

    def spread(self, count: int) -> "Dataset":
        """At most so many of its pictures, evenly from all of it."""
        kept = min(count, len(self.pictures))
        places = np.linspace(0, len(self.pictures) - 1, kept).round().astype(int)
        return replace(self, pictures=tuple(self.pictures[place] for place in places))

    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of each picture's content and truth, in order, without decoding them."""
        return tuple(_joined(picture.digest(), picture.truth_digest()) for picture in self.pictures)


class DatasetBackend(Protocol):
    """A module of `convert.datasets` that stands in its table."""

    FOLDER_NEEDED: bool
    """Whether the pictures lie in a folder of the user's."""

    def list_pictures(
        self, root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
    ) -> tuple[Picture, ...]:
        """The named split below `root` (meaningless where no folder is needed).

        `labels` are the names of the model's classes, for truth that is told by name; None where
        nobody asks for the truth. Raises SourceError, naming the path, where the layout is not
        what it should be.
        """
        ...


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file. Raises SourceError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def _joined(*digests: str) -> str:
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _check_labels(sample: Sample, classes: int) -> None:
    """Raise SourceError where the truth names a class that the model does not have."""
    if isinstance(sample.truth, int):
        highest = sample.truth
    elif sample.truth.dtype == np.float64:
        highest = int(sample.truth[:, 0].max(initial=0))
    else:
        highest = int(sample.truth[sample.truth != VOID].max(initial=0))
    if not 0 <= highest < classes:
        raise SourceError(
            f"the truth of {sample.name} holds label {highest}, the model has 0 to {classes - 1}",
            hint="Is this the recipe's dataset? [dataset] label_offset shifts class indices.",
        )
