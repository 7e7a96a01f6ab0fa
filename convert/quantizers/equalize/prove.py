"""Prove on pictures that a pass changed nothing but rounding."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.run import function

BOUND = 1e-4
"""The largest difference, as a share of an output's range, that float32 rounding explains."""


def largest_difference(
    before: Graph, after: Graph, pictures: Iterable[NDArray[np.float32]]
) -> float:
    """The largest difference of any output on any picture, as a share of that output's range.

    The range is that of the output `before` gives over all pictures; inf where it is not finite.
    """
    first, second = function(before), function(after)
    apart = lowest = highest = None
    for picture in pictures:
        one, other = first(picture), second(picture)
        pairs = zip(one, other, strict=True)
        gap = np.array([np.abs(a.astype(np.float64) - b).max() for a, b in pairs])
        low, high = (np.array([f(a) for a in one], np.float64) for f in (np.min, np.max))
        apart = gap if apart is None else np.maximum(apart, gap)
        lowest = low if lowest is None else np.minimum(lowest, low)
        highest = high if highest is None else np.maximum(highest, high)
    if apart is None or lowest is None or highest is None:
        return 0.0
    shares = apart / np.maximum(highest - lowest, np.finfo(np.float32).tiny)
    return float(shares.max()) if np.isfinite(shares).all() else float("inf")
