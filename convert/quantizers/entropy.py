"""Ranges by entropy, as TensorRT calibrates: what is clipped may cost less than coarser steps.

Of a histogram's two sides each candidate is cut, what lies beyond is put into the last bins, and
the rest is spoken in 256 steps; the least Kullback-Leibler divergence between the two wins
(Migacz, 8-bit inference with TensorRT, GTC 2017; here for ranges with two ends).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from convert.quantization import Range

_BINS = 2048
_STEPS = 256
_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4)
Doubles = NDArray[np.float64]


def least_divergence(values: NDArray[np.float32], whole: Range) -> Range:
    """The part of `whole` that tells most of `values`; whole >= 0 keeps 0 as its least."""
    if whole[1] <= whole[0]:
        return whole
    counts, edges = np.histogram(values, bins=_BINS, range=whole)
    width = edges[1] - edges[0]
    costs = {}
    for low, high in _candidates(whole):
        first, last = round((low - whole[0]) / width), round((high - whole[0]) / width)
        if last - first >= _STEPS:
            costs[low, high] = _divergence(counts.astype(np.float64), first, last)
    return min(costs, key=lambda range_: costs[range_])


def _candidates(whole: Range) -> Iterator[Range]:
    lows = _SHARES if whole[0] < 0 else (1.0,)
    highs = _SHARES if whole[1] > 0 else (1.0,)
    return ((whole[0] * low, whole[1] * high) for low in lows for high in highs)


def _divergence(counts: Doubles, first: int, last: int) -> float:
    inside = counts[first:last]
    clipped = inside.copy()
    clipped[0] += counts[:first].sum()
    clipped[-1] += counts[last:].sum()
    # Each step's count is shared by those of its bins that hold anything.
    step = np.arange(len(inside)) * _STEPS // len(inside)
    filled = inside > 0
    shared = np.bincount(step, inside) / np.maximum(np.bincount(step, filled), 1)
    spoken = np.where(filled, shared[step], 0.0)
    if not spoken.sum():
        return np.inf
    p, q = clipped / clipped.sum(), spoken / spoken.sum()
    told = p > 0
    return float((p[told] * np.log(p[told] / np.maximum(q[told], 1e-9))).sum())
