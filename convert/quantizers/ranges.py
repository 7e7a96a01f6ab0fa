"""Which range of values eight bits should hold, for everything that an integer file stores."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.quantization import Range
from convert.quantizers.entropy import least_divergence
from convert.quantizers.layers import Layer, kernel
from convert.quantizers.origin import origin
from convert.quantizers.simulate import LEVELS, nudged

Floats = NDArray[np.float32]

_ROWS = 96
"""Positions looked at in each picture."""
_MOST = 64 * _ROWS
"""Positions kept over all pictures; where there are more, every second one goes."""
_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4)
_CLEARLY = 0.97
"""A clipped range must be better than the whole one by this much: samples miss rare peaks."""
_ENOUGH = 500
"""Positions: of a pooled tensor there is one a picture, and nothing is said of its extremes."""
_BEYOND = 2.0
"""What is clipped there moves all answers of a picture, and pictures of other kinds reach further:
DeepLab agreed on 98.7 % of their labels at 1.15 times what was seen and on 99.0 % at twice that.
The coarser steps cost 0.01 % of the labels on pictures of the kind that was seen."""


@dataclass
class Seen:
    """What a tensor was seen to hold: its whole range, and some of its positions [P, C]."""

    low: float = 0.0
    high: float = 0.0
    rows: list[Floats] = field(default_factory=list)
    positions: int = 0
    """That it has in all pictures together."""
    sparser: int = 1
    """One in so many of the positions looked at is kept."""

    def add(self, array: NDArray[Any]) -> None:
        """Take in a tensor of one picture, channels last."""
        self.low, self.high = min(self.low, float(array.min())), max(self.high, float(array.max()))
        flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
        step = max(1, len(flat) // _ROWS)
        looked_at = flat[step // 2 :: step][:_ROWS]
        self.positions += len(flat)
        self.rows.append(np.ascontiguousarray(looked_at[:: self.sparser]))
        if sum(map(len, self.rows)) > _MOST:
            self.sparser *= 2
            self.rows = [np.ascontiguousarray(np.concatenate(self.rows)[::2])]

    @property
    def is_scarce(self) -> bool:
        """Whether too little was seen to leave any of it out."""
        return self.positions < _ENOUGH

    @property
    def whole(self) -> Range:
        """All that was seen, and what must be expected beyond it where little was."""
        beyond = _BEYOND if self.is_scarce else 1.0
        return self.low * beyond, self.high * beyond


def observe(graph: Graph, names: tuple[str, ...], pictures: Iterable[Floats]) -> dict[str, Seen]:
    """Look at what the nodes `names` give, one picture at a time, in constant memory."""
    call = function(graph, *names)
    seen = {name: Seen() for name in names}
    for picture in pictures:
        for name, array in zip(names, call(picture), strict=True):
            seen[name].add(array)
    for name, one in seen.items():
        # A pooled tensor that is spread over a map has no more values for that.
        one.positions = min(one.positions, seen.get(origin(graph, name), one).positions)
    return seen


def min_max(seen: Mapping[str, Seen]) -> dict[str, Range]:
    """The whole range of each."""
    return {name: one.whole for name, one in seen.items()}


def least_error(
    graph: Graph, found: tuple[Layer, ...], seen: Mapping[str, Seen]
) -> dict[str, Range]:
    """For each the range whose rounding and clipping cost least in what is computed from it.

    The error of a tensor that layers read is weighed by those layers' kernels, channel by channel.
    """
    weights = _importance(graph, found)
    return {name: _best(one, weights.get(name)) for name, one in seen.items()}


def percentile(seen: Mapping[str, Seen], share: float) -> dict[str, Range]:
    """What holds all but `share` of the values at either end."""
    found = {}
    for name, one in seen.items():
        low, high = np.quantile(np.concatenate(one.rows), (share, 1 - share))
        clipped = (min(float(low), 0.0), max(float(high), 0.0))
        found[name] = one.whole if one.is_scarce else clipped
    return found


def entropy(seen: Mapping[str, Seen]) -> dict[str, Range]:
    """What tells most of the values' distribution in 256 steps."""
    return {
        name: one.whole
        if one.is_scarce
        else least_divergence(np.concatenate(one.rows).reshape(-1), one.whole)
        for name, one in seen.items()
    }


def _best(seen: Seen, importance: Floats | None) -> Range:
    rows = np.concatenate(seen.rows).astype(np.float32)
    weigh = importance if importance is not None and len(importance) == rows.shape[1] else None
    whole = seen.whole
    best, least = whole, _error(rows, whole, weigh) * _CLEARLY
    for candidate in () if seen.is_scarce else _candidates(whole):
        error = _error(rows, candidate, weigh)
        if error < least:
            best, least = candidate, error
    return best


def _candidates(whole: Range) -> Iterator[Range]:
    lows = _SHARES if whole[0] < 0 else (1.0,)
    highs = _SHARES if whole[1] > 0 else (1.0,)
    return ((whole[0] * low, whole[1] * high) for low in lows for high in highs)


def _error(rows: Floats, range_: Range, importance: Floats | None) -> float:
    scale, zero = nudged(range_)
    codes = np.clip(np.rint(rows / np.float32(scale) + zero), 0, LEVELS)
    squares = np.square((codes - zero) * np.float32(scale) - rows).mean(axis=0)
    return float(squares.mean() if importance is None else (squares * importance).sum())


def _importance(graph: Graph, found: tuple[Layer, ...]) -> dict[str, Floats]:
    """How much one unit of error in each channel of what a layer reads changes what it gives."""
    total: dict[str, Floats] = {}
    for layer in found:
        axis = layer.input_axis
        squares = np.square(kernel(graph, layer))
        each = squares.sum(axis=tuple(i for i in range(squares.ndim) if i != axis))
        total[layer.data] = total.get(layer.data, np.zeros_like(each)) + each
    return total
