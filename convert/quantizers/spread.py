"""A few pictures out of a stream."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Pictures = Callable[[], Iterator[NDArray[np.float32]]]
"""Streams prepared inputs [1, h, w, 3]; may be called again."""


def spread(pictures: Pictures, count: int) -> list[NDArray[np.float32]]:
    """At most `count` pictures, evenly from the whole stream (of which no more are held)."""
    total = sum(1 for _ in pictures())
    wanted = spread_places(total, count)
    return [picture for place, picture in enumerate(pictures()) if place in wanted]


def spread_places(total: int, count: int) -> frozenset[int]:
    """The places of the pictures that `spread` takes out of so many."""
    return frozenset(np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist())
