"""The constants that a layer is computed with, and how far those of two layers are apart."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from convert.difference import WeightMoved
from convert.traces.base import Layer, Trace, Values
from convert.traces.pair import Pair

_BEFORE = 8
"""How many operators may lie between a kernel and the layer that is named: bias, activation."""
Constants = list[tuple[str, Values]]


def moved(a: Trace, b: Trace, pairs: list[Pair]) -> list[WeightMoved]:
    """The weights of the layers that both have, those that moved most first."""
    found: dict[str, WeightMoved] = {}
    for one in pairs:
        constants = _of(a, one.a), _of(b, one.b)
        for weight in _between(one.a.name, *constants):
            found.setdefault(weight.a, weight)
    return sorted(found.values(), key=lambda weight: -weight.moved)


def _of(trace: Trace, layer: Layer) -> Constants:
    """The constants of more than one value, back to the first operator that has a kernel."""
    found: Constants = []
    for _ in range(_BEFORE):
        values = [
            (name, value) for name in layer.reads if (value := _array(trace, name)) is not None
        ]
        found += values
        before = [trace.makers[name] for name in layer.reads if name in trace.makers]
        if len(before) != 1 or any(value.squeeze().ndim > 1 for _, value in values):
            break
        layer = before[0]
    return found


def _array(trace: Trace, name: str) -> Values | None:
    value = trace.constant(name)
    return value if value is not None and value.size > 1 else None


def _between(layer: str, a: Constants, b: Constants) -> Iterator[WeightMoved]:
    """Those of one size, in their order; none where one side has other constants (batch norm)."""
    if sorted(value.size for _, value in a) != sorted(value.size for _, value in b):
        return
    rest = list(b)
    for name, value in a:
        other = next(one for one in rest if one[1].size == value.size)
        rest.remove(other)
        yield _apart(layer, (name, value), other)


def _apart(layer: str, a: tuple[str, Values], b: tuple[str, Values]) -> WeightMoved:
    error = min((_error(a[1], one) for one in _turned(b[1], a[1].shape)), key=np.linalg.norm)
    norm = float(np.linalg.norm(a[1]))
    return WeightMoved(
        layer=layer,
        a=a[0],
        b=b[0],
        values=a[1].size,
        moved=float(np.linalg.norm(error)) / norm if norm else float(np.linalg.norm(error)),
        max_error=float(np.abs(error).max()),
    )


def _error(a: Values, b: Values) -> NDArray[np.float64]:
    return (a.astype(np.float64) - b).reshape(-1)


def _turned(values: Values, shape: tuple[int, ...]) -> Iterator[Values]:
    """Every way to lay a kernel out in that shape; formats order its axes differently."""
    ways = permutations(range(values.ndim)) if values.ndim == len(shape) else ()
    fitting = [values.transpose(w) for w in ways if _sides(values, w) == shape]
    yield from fitting or [values.reshape(shape)]


def _sides(values: Values, way: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(values.shape[axis] for axis in way)
