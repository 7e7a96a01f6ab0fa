"""Find where two models part, layer by layer, on the same pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from convert.difference import LayerDifference, Layers
from convert.progress import Progress
from convert.traces.base import Trace, Values
from convert.traces.pair import Pair, pair, squeezed, views
from convert.traces.weights import moved

BOUND = 0.99
"""The cosine under which a layer is told to part, where no other bound is asked for."""

_MAP_RANK = 4
_TO_TELL = 64
"""The least values of a channel from which a factor of its own may be told."""
Products = NDArray[np.float64]
_LARGEST = float(np.finfo(np.float32).max)
_SMALLEST = float(np.finfo(np.float32).tiny)
Fed = tuple[Values, Values]
"""One picture as each of the two is fed it, float32 [1, H, W, 3]."""


def diff(
    a: Trace, b: Trace, fed: Sequence[Fed], *, pictures: str, bound: float, progress: Progress
) -> Layers:
    """Compare every tensor that both compute, and the weights between them."""
    pairs: list[Pair] = []
    sums: dict[str, _Sum] = {}
    with progress.count("layers", len(fed), "pictures") as tick:
        for picture_a, picture_b in fed:
            seen_a, seen_b = a.run(picture_a), b.run(picture_b)
            pairs = pairs or pair(a, b, seen_a, seen_b)
            for one in pairs:
                values = seen_a[one.a.name]
                sums.setdefault(one.a.name, _Sum()).add(values, seen_b[one.b.name])
            tick()
    layers = tuple(_layer(one, sums[one.a.name]) for one in pairs)
    return Layers(
        images=len(fed),
        pictures=pictures,
        bound=bound,
        first_under=_first_under(layers, bound),
        layers=layers,
        only_a=len(a.layers) - len(pairs),
        only_b=len(b.layers) - len(pairs),
        weights=tuple(moved(a, b, pairs)),
    )


def _first_under(layers: Sequence[LayerDifference], bound: float) -> str | None:
    moved = False
    for one in layers:
        if one.cosine_rescaled < bound and (one.rescalable or one.how == "end" or not moved):
            return one.a
        moved = moved or one.cosine < bound <= one.cosine_rescaled
    return None


@dataclass
class _Sum:
    """What a tensor's pictures add up to."""

    shape: tuple[int, ...] = ()
    values: int = 0
    error: float = 0.0
    max_error: float = 0.0
    largest: float = 0.0
    channels: dict[int, Products] = field(default_factory=dict)
    """By the axis that is taken for the channels': [a a, b b, a b, a, b] of each channel."""

    def add(self, a: Values, b: Values) -> None:
        """One picture more."""
        left, right = _aligned(a, b)
        error = left - right
        self.shape = a.shape
        self.values += left.size
        self.error += float(np.vdot(error, error))
        self.max_error = max(self.max_error, float(np.abs(error).max(initial=0.0)))
        self.largest = max(self.largest, float(np.abs(left).max(initial=0.0)))
        # A map's channels come last or, in onnx, after the batch.
        for axis in {left.ndim - 1, 1} if left.ndim == _MAP_RANK else {max(left.ndim - 1, 0)}:
            others = tuple(one for one in range(left.ndim) if one != axis)
            pairs = (left * left, right * right, left * right, left, right)
            found = np.stack([one.sum(axis=others) for one in pairs])
            self.channels[axis] = self.channels.get(axis, 0.0) + found

    @property
    def whole(self) -> Products:
        """[a a, b b, a b] over all."""
        total: Products = next(iter(self.channels.values())).reshape(5, -1).sum(axis=1)
        return total[:3]

    @property
    def cosine(self) -> float:
        """1 where both are zero everywhere, 0 where one is."""
        return _cosine(*self.whole)

    @property
    def cosine_rescaled(self) -> float:
        """The cosine about the channels' means, B's times the factor, above 0, that suits best."""
        found = [self.cosine]
        for axis in self._telling():
            a_a, b_b, a_b, a, b = self.channels[axis]
            count = self.values / np.size(a)
            a_a, b_b, a_b = a_a - a * a / count, b_b - b * b / count, a_b - a * b / count
            factors = np.maximum(a_b, 0) / np.where(b_b > 0, b_b, 1)
            parts = a_a.sum(), (factors**2 * b_b).sum(), (factors * a_b).sum()
            found.append(_cosine(*parts))
        return max(found)

    @property
    def rescalable(self) -> bool:
        """Whether a channel has values enough to tell a factor of its own."""
        return bool(self._telling())

    def _telling(self) -> list[int]:
        """The axes along which channels have values enough."""
        return [
            axis for axis, one in self.channels.items() if self.values / one[0].size >= _TO_TELL
        ]

    @property
    def snr_db(self) -> float | None:
        """None without an error; of a signal that is zero, that of the smallest number."""
        if self.error == 0:
            return None
        return float(10 * np.log10(max(float(self.whole[0]), _SMALLEST) / self.error))


def _cosine(a_a: float, b_b: float, a_b: float) -> float:
    if a_a == 0 or b_b == 0:
        return float(a_a == b_b)
    return float(np.clip(a_b / np.sqrt(a_a * b_b), -1, 1))


def _aligned(a: Values, b: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both in one layout: of those that give the same shape, the one with the least error."""
    ways = [(x, y) for x in views(a) for y in views(b) if squeezed(x) == squeezed(y)] or [(a, b)]
    both = [(_finite(x), _finite(y).reshape(x.shape)) for x, y in ways]
    if len(both) == 1:
        return both[0]
    return min(both, key=lambda one: float(np.square(one[0] - one[1]).sum()))


def _finite(values: Values) -> NDArray[np.float64]:
    """What is no number becomes 0, what is infinite the largest float32."""
    wide = values.astype(np.float64)
    return np.nan_to_num(wide, copy=False, posinf=_LARGEST, neginf=-_LARGEST)


def _layer(one: Pair, found: _Sum) -> LayerDifference:
    return LayerDifference(
        a=one.a.name,
        b=one.b.name,
        op_a=one.a.op,
        op_b=one.b.op,
        how=one.how,
        shape=found.shape,
        cosine=found.cosine,
        cosine_rescaled=found.cosine_rescaled,
        rescalable=found.rescalable,
        snr_db=found.snr_db,
        max_error=found.max_error,
        largest=found.largest,
    )
