"""What a dataset backend is: a module that opens one split of pictures with their truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convert.recipe import DatasetChoice

VOID = 255
"""The label of pixels that no metric counts."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One picture and what is true of it."""

    name: str
    image: NDArray[np.uint8]
    """RGB, [H, W, 3]."""
    truth: NDArray[np.uint8] | int
    """A label map [H, W] (255 = void), or the model's class index."""


class Dataset(Protocol):
    """One split; pictures are decoded one at a time as they are asked for."""

    def __len__(self) -> int:
        """How many pictures it has."""
        ...

    def __iter__(self) -> Iterator[Sample]:
        """Every picture, always in the same order."""
        ...

    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of each picture's content, in order, without decoding it."""
        ...


class DatasetBackend(Protocol):
    """A module of `convert.datasets` that stands in its table."""

    def open_split(self, root: Path | None, split: str, choice: DatasetChoice) -> Dataset:
        """The named split below `root` (None: the recipe names no folder).

        Raises SourceError, naming the path, where the layout is not what it should be.
        """
        ...
