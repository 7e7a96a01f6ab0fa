"""Find where two models part, layer by layer, on the same pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.difference import LayerDifference, Layers
from convert.progress import Progress
from convert.traces.base import Trace, Values
from convert.traces.pair import Pair, pair, squeezed, views
from convert.traces.weights import moved

BOUND = 0.99
"""The cosine under which a layer is told to part, where no other bound is asked for."""

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
        first_under=next((one.a for one in layers if one.cosine < bound), None),
        layers=layers,
        only_a=len(a.layers) - len(pairs),
        only_b=len(b.layers) - len(pairs),
        weights=tuple(moved(a, b, pairs)),
    )


@dataclass
class _Sum:
    """What a tensor's pictures add up to."""

    shape: tuple[int, ...] = ()
    a_a: float = 0.0
    b_b: float = 0.0
    a_b: float = 0.0
    error: float = 0.0
    max_error: float = 0.0
    largest: float = 0.0

    def add(self, a: Values, b: Values) -> None:
        """One picture more."""
        left, right = _aligned(a, b)
        error = left - right
        self.shape = a.shape
        self.a_a += float(left @ left)
        self.b_b += float(right @ right)
        self.a_b += float(left @ right)
        self.error += float(error @ error)
        self.max_error = max(self.max_error, float(np.abs(error).max(initial=0.0)))
        self.largest = max(self.largest, float(np.abs(left).max(initial=0.0)))

    @property
    def cosine(self) -> float:
        """1 where both are zero everywhere, 0 where one is."""
        if self.a_a == 0 or self.b_b == 0:
            return float(self.a_a == self.b_b)
        return float(np.clip(self.a_b / np.sqrt(self.a_a * self.b_b), -1, 1))

    @property
    def snr_db(self) -> float | None:
        """None without an error; of a signal that is zero, that of the smallest number."""
        if self.error == 0:
            return None
        return float(10 * np.log10(max(self.a_a, _SMALLEST) / self.error))


def _aligned(a: Values, b: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both flat, in one layout: of those that give the same shape, the one with the least error."""
    ways = [(x, y) for x in views(a) for y in views(b) if squeezed(x) == squeezed(y)] or [(a, b)]
    flat = [(_flat(x), _flat(y)) for x, y in ways]
    if len(flat) == 1:
        return flat[0]
    return min(flat, key=lambda both: float(np.square(both[0] - both[1]).sum()))


def _flat(values: Values) -> NDArray[np.float64]:
    """In one row; what is no number becomes 0, what is infinite the largest float32."""
    flat = values.astype(np.float64).reshape(-1)
    return np.nan_to_num(flat, copy=False, posinf=_LARGEST, neginf=-_LARGEST)


def _layer(one: Pair, found: _Sum) -> LayerDifference:
    return LayerDifference(
        a=one.a.name,
        b=one.b.name,
        op_a=one.a.op,
        op_b=one.b.op,
        how=one.how,
        shape=found.shape,
        cosine=found.cosine,
        snr_db=found.snr_db,
        max_error=found.max_error,
        largest=found.largest,
    )
