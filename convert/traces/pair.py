"""Which tensor of one model is which of another: by their ends, their names, their values.

An exported file keeps most of a graph's names, but fuses operators, renames some, quantizes its
values and may turn its maps to NCHW. So a name only proposes: the tensor it names, or one that an
activation makes of it, whichever holds the nearest values. What has no name that the other knows
is found by its values alone. A damaged layer keeps its name, which is how it is found.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.difference import How
from convert.traces.base import Layer, Trace, Values

_SAMPLE = 4096
"""Values that are looked at of a tensor."""
_ALIKE = 0.99
"""The least correlation of tensors that are told to be the same by their values alone."""
_AS_LARGE = 1.1
"""The most that their spreads may differ by, as a ratio."""
_AFTER = 3
"""How many operators an exporter is thought to fuse after the one whose name it keeps."""
_FUSED = {
    *("add", "addv2", "biasadd", "mul", "batchnormalization", "fusedbatchnorm"),
    *("fusedbatchnormv3", "cast", "quantize", "quantizelinear", "dequantize", "dequantizelinear"),
    *("clip", "elu", "hardswish", "leakyrelu", "logistic", "maximum", "minimum", "prelu"),
    *("relu", "relu6", "sigmoid"),
}
"""Those that may be fused so, in lower case and without underscores."""
_TO_NHWC = (0, 2, 3, 1)
Seen = Mapping[str, Values]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A tensor of each."""

    a: Layer
    b: Layer
    how: How


def pair(a: Trace, b: Trace, seen_a: Seen, seen_b: Seen) -> list[Pair]:
    """The tensors that both compute, in A's order; each stands in one pair at most.

    `seen` is what each computed of the same picture.
    """
    found = _Pairs(a, b, _samples(seen_a), _samples(seen_b))
    found.by_ends()
    found.by_names()
    found.by_values()
    order = {layer.name: place for place, layer in enumerate(a.layers)}
    return sorted(found.pairs, key=lambda one: order[one.a.name])


class _Pairs:
    """The pairs so far, and what is still without a partner."""

    def __init__(self, a: Trace, b: Trace, samples_a: "Samples", samples_b: "Samples") -> None:
        self.pairs: list[Pair] = []
        self._a, self._b = a, b
        self._samples = samples_a, samples_b
        self._left = {x.name: x for x in a.layers}, {x.name: x for x in b.layers}
        self._readers = _readers(a.layers)

    def by_ends(self) -> None:
        """The inputs, and the outputs of one name, or the only ones."""
        self._take(self._a.layers[0], self._b.layers[0], "end")
        a, b = self._a.ends, self._b.ends
        alone = len(a) == len(b) == 1
        for name, tensor in b.items():
            other = next(iter(a.values())) if alone else a.get(name)
            if other in self._left[0] and tensor in self._left[1]:
                self._take(self._left[0][other], self._left[1][tensor], "end")

    def by_names(self) -> None:
        """The nearest of what a name may mean; of several that mean the same, the nearest."""
        keys = {layer.key: layer for layer in self._a.layers}
        likely = []
        for layer in [one for one in self._left[1].values() if one.key in keys]:
            near = [(self._alike(one, layer), one, layer) for one in self._meant(keys[layer.key])]
            likely += [max(near, key=lambda one: round(one[0], 6))] if near else []
        self._take_best(likely, "name", least=-2.0)

    def by_values(self) -> None:
        """What is nearly the same, whatever it is called."""
        by_size: dict[int, list[Layer]] = defaultdict(list)
        for layer in self._left[0].values():
            by_size[self._samples[0][layer.name].size].append(layer)
        likely = [
            (self._alike(other, layer), other, layer)
            for layer in self._left[1].values()
            for other in by_size[self._samples[1][layer.name].size]
            if self._as_large(other, layer)
        ]
        self._take_best(likely, "content", least=_ALIKE)

    def _meant(self, layer: Layer) -> Iterator[Layer]:
        """A layer, and what activations make of it."""
        size, meant = self._samples[0][layer.name].size, [layer]
        for _ in range(_AFTER):
            readers = self._readers.get(meant[-1].name, [])
            fused = [one for one in readers if one.op.lower().replace("_", "") in _FUSED]
            if len(readers) != 1 or not fused or self._samples[0][fused[0].name].size != size:
                break
            meant.append(fused[0])
        yield from (one for one in meant if one.name in self._left[0])

    def _alike(self, a: Layer, b: Layer) -> float:
        return _correlation(self._samples[0][a.name], self._samples[1][b.name])

    def _as_large(self, a: Layer, b: Layer) -> bool:
        spreads = self._samples[0][a.name].spread, self._samples[1][b.name].spread
        return max(spreads) <= _AS_LARGE * min(spreads)

    def _take_best(
        self, likely: list[tuple[float, Layer, Layer]], how: How, *, least: float
    ) -> None:
        # Sorting is stable: of equals, the first in B's order and the first meant comes first.
        for alike, a, b in sorted(likely, key=lambda one: -round(one[0], 6)):
            if alike >= least and a.name in self._left[0] and b.name in self._left[1]:
                self._take(a, b, how)

    def _take(self, a: Layer, b: Layer, how: How) -> None:
        if self._samples[0][a.name].size == self._samples[1][b.name].size:
            self.pairs.append(Pair(a=a, b=b, how=how))
            del self._left[0][a.name], self._left[1][b.name]


@dataclass(frozen=True, kw_only=True)
class _Sample:
    """Some of a tensor's values, with mean 0 and norm 1, as it lies and as NHWC if it were NCHW."""

    size: int
    spread: float
    """The standard deviation."""
    views: dict[tuple[int, ...], Vectors]
    """By the shape without axes of length 1."""


Samples = Mapping[str, _Sample]


def _samples(seen: Seen) -> dict[str, _Sample]:
    return {name: _sample(values) for name, values in seen.items()}


def _sample(values: Values) -> _Sample:
    return _Sample(
        size=values.size,
        spread=float(np.nan_to_num(values.astype(np.float64)).std()),
        views={squeezed(one): _direction(one) for one in views(values)},
    )


def views(values: Values) -> Iterable[Values]:
    """The tensor as it lies and, where it has four axes, as NHWC if it lies as NCHW."""
    yield values
    if values.ndim == len(_TO_NHWC):
        yield values.transpose(_TO_NHWC)


def squeezed(values: NDArray[Any]) -> tuple[int, ...]:
    """The shape without axes of length 1."""
    return tuple(side for side in values.shape if side != 1)


def _direction(values: Values) -> Vectors:
    """A sample of the values as a vector with mean 0 and norm 1; zeros of what is constant."""
    places = np.linspace(0, max(values.size - 1, 0), min(values.size, _SAMPLE)).astype(int)
    chosen = values[np.unravel_index(places, values.shape)].astype(np.float64)
    chosen = np.nan_to_num(chosen - chosen.mean() if chosen.size > 1 else chosen)
    norm = float(np.linalg.norm(chosen))
    return np.asarray(chosen / norm if norm > 0 else chosen, np.float32)


def _correlation(a: _Sample, b: _Sample) -> float:
    """Of the values at the same places, in the layouts that suit best; -1 where sizes differ."""
    if a.size != b.size:
        return -1.0
    both = [float(a.views[shape] @ b.views[shape]) for shape in a.views.keys() & b.views.keys()]
    flat = [float(next(iter(a.views.values())) @ next(iter(b.views.values())))]
    return max(both or flat)


def _readers(layers: Iterable[Layer]) -> dict[str, list[Layer]]:
    readers: dict[str, list[Layer]] = defaultdict(list)
    for layer in layers:
        for name in dict.fromkeys(layer.reads):
            readers[name].append(layer)
    return readers
