"""Pictures in files, by what is known of each pixel."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from convert.datasets.base import PictureFile, Pixels, sha256_of
from convert.vocabulary import VOID


def by_mask(image: Path, mask: Path, read: Callable[[Path, Pixels], Pixels]) -> PictureFile:
    """A picture whose labels `read` finds in a file of their own, given the decoded picture."""
    return PictureFile(
        path=image, read_truth=partial(read, mask), truth_digest=partial(sha256_of, mask)
    )


def unknown(image: Path) -> PictureFile:
    """A picture whose every pixel counts for nothing."""
    return PictureFile(path=image, read_truth=_void, truth_digest=str)


def _void(image: Pixels) -> Pixels:
    return np.full(image.shape[:2], VOID, np.uint8)
