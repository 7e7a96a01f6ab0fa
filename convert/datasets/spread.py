"""Choose a few pictures that differ from each other out of many.

Farthest-point traversal (Gonzalez 1985) over what a thumbnail tells: where a picture is light and
coloured, and which colours it has. The same pictures give the same choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Picture, Pixels
from convert.errors import SourceError

_LOOKED_AT = 1000
"""Of more pictures so many are looked at, evenly spaced: time and memory stay bounded."""
_SIDE = 8
_BINS = 4
"""Of the histogram, for each of three colours."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What was chosen, in the order in which it was given, and what could not be read."""

    pictures: tuple[Picture, ...]
    unreadable: tuple[str, ...]
    """A sentence for each, which names it."""


def looked_at(pictures: Sequence[Picture], count: int) -> tuple[Picture, ...]:
    """Those of `pictures` that `spread` would look at to choose `count`."""
    most = max(_LOOKED_AT, count)
    if len(pictures) <= most:
        return tuple(pictures)
    places = np.linspace(0, len(pictures) - 1, most).round().astype(int)
    return tuple(pictures[place] for place in places)


def spread(pictures: Sequence[Picture], count: int) -> Spread:
    """At most `count` readable pictures that differ as much as may be.

    Raises SourceError where none can be read.
    """
    good, features, unreadable = [], [], []
    for picture in looked_at(pictures, count):
        try:
            features.append(_feature(picture.glance(_SIDE)))
            good.append(picture)
        except SourceError as error:
            unreadable.append(error.message)
    if not good:
        raise SourceError(
            f"none of {len(unreadable)} pictures can be read, such as: {unreadable[0]}",
            hint="Give a folder that holds whole jpg, png or webp files.",
        )
    chosen = sorted(_farthest(np.stack(features), count))
    return Spread(pictures=tuple(good[i] for i in chosen), unreadable=tuple(unreadable))


def _farthest(features: NDArray[np.float32], count: int) -> list[int]:
    """Start from the most ordinary; each next is the farthest from all before it."""
    if len(features) <= count:
        return list(range(len(features)))
    chosen = [int(np.argmin(np.linalg.norm(features - features.mean(axis=0), axis=1)))]
    nearest = np.full(len(features), np.inf, np.float32)
    while len(chosen) < count:
        apart = np.linalg.norm(features - features[chosen[-1]], axis=1)
        nearest = np.minimum(nearest, apart)
        nearest[chosen] = -1
        chosen.append(int(np.argmax(nearest)))
    return chosen


def _feature(small: Pixels) -> NDArray[np.float32]:
    """[8 * 8 * 3 + 64]: the thumbnail, and the roots of its colours' shares (Hellinger)."""
    layout = small.astype(np.float32).reshape(-1) / 255 / _SIDE
    bins = (small.reshape(-1, 3) // (256 // _BINS)) @ np.array([_BINS**2, _BINS, 1])
    shares = np.bincount(bins, minlength=_BINS**3) / len(bins)
    return np.asarray(np.concatenate([layout, np.sqrt(shares)]), np.float32)
