"""What eight bits cost in one place alone: everything else stays in float."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph
from convert.progress import Tick
from convert.quantization import Range
from convert.quantizers.answers import Answers, answer_of, apart, changed, thinned
from convert.quantizers.layers import Layer, kernel, layers
from convert.quantizers.march import stepping_session
from convert.quantizers.simulate import LEVELS, as_stored, nudged

Floats = NDArray[np.float32]
Feeds = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """How far answers move, on average over the pictures."""

    disagreement: float
    """The share of labels that change; of values, the error in parts of the deviation."""
    divergence: float
    """Smoother than that: see `convert.quantizers.answers.apart`."""


class Alone:
    """The float network in one session, in which single tensors are fed what eight bits hold.

    Nothing is rebuilt, and of a fed tensor only what depends on it is computed.
    """

    def __init__(self, graph: Graph, pictures: Sequence[Floats], answers: Answers) -> None:
        """`answers`: what the outputs are to their reader."""
        self._graph, self._pictures = graph, pictures
        self._answers: Answers = answers
        self._session = stepping_session(expand_atrous(graph))
        self._input, self._outputs = graph.inputs[0], [f"{name}:0" for name in graph.outputs]
        self._wanted = [self._answer(picture, {}) for picture in pictures]

    def of_constants(self, values: Mapping[str, Floats]) -> Change:
        """With other values in Const nodes."""
        feeds = {f"{name}:0": value for name, value in values.items()}
        places = range(len(self._pictures))
        return _mean([self._change(place, feeds) for place in places])

    def of_ranges(self, ranges: Mapping[str, Range], tick: Tick) -> dict[str, Change]:
        """With what each node of `ranges` gives rounded, one node at a time."""
        found: dict[str, list[Change]] = {name: [] for name in ranges}
        inner = [name for name in ranges if name != self._input]
        for place, picture in enumerate(self._pictures):
            given = {f"{self._input}:0": picture}
            held = self._session.run([f"{name}:0" for name in inner], given)
            if self._input in ranges:
                stored = {f"{self._input}:0": as_stored(picture, ranges[self._input])}
                found[self._input].append(self._change(place, stored))
                tick()
            for name, value in zip(inner, held, strict=True):
                found[name].append(self._change(place, {f"{name}:0": _coded(value, ranges[name])}))
                tick()
        return {name: _mean(changes) for name, changes in found.items()}

    def _change(self, place: int, feeds: Feeds) -> Change:
        names, wanted = self._graph.outputs, self._wanted[place]
        made = self._answer(self._pictures[place], feeds)
        moved = apart(names, wanted, made, self._answers)
        shares = [
            changed(want, got, answer_of(name, self._answers))
            for name, want, got in zip(names, wanted, made, strict=True)
        ]
        labels = [share for share in shares if share is not None]
        if len(labels) < len(shares):
            return Change(disagreement=(moved / len(shares)) ** 0.5, divergence=moved)
        return Change(disagreement=float(np.mean(labels)), divergence=moved)

    def _answer(self, picture: Floats, feeds: Feeds) -> list[Floats]:
        given = {f"{self._input}:0": picture, **feeds}
        return [thinned(out) for out in self._session.run(self._outputs, given)]


def rounding_errors(
    floats: Graph, unrounded: Graph, rounded: Graph
) -> dict[str, dict[str, Floats]]:
    """For each layer its constants in float, plus what rounding alone does to them.

    What `unrounded` and `rounded` share makes good what other layers do, and is left out. A layer
    that nothing was decided of is rounded as the writers do it.
    """
    return {
        layer.name: _moved(floats, unrounded, rounded, layer)
        or {layer.kernel: _nearest(floats, layer)}
        for layer in layers(floats)
    }


def weights_alone(
    alone: Alone, errors: Mapping[str, Mapping[str, Floats]], tick: Callable[[], None]
) -> dict[str, Change]:
    """What rounding each layer changes, by the layer's name."""
    found = {}
    for name, values in errors.items():
        found[name] = alone.of_constants(values)
        tick()
    return found


def _moved(floats: Graph, unrounded: Graph, rounded: Graph, layer: Layer) -> dict[str, Floats]:
    made: dict[str, Floats] = {}
    for name in filter(None, (layer.kernel, layer.bias)):
        before, after, own = (g.constant(name) for g in (unrounded, rounded, floats))
        if before is None or after is None or own is None:
            continue
        if not np.array_equal(before, after):
            made[name] = np.asarray(own + (after - before), np.float32)
    return made


def _nearest(graph: Graph, layer: Layer) -> Floats:
    """The kernel in 255 steps per output channel, in the shape of its Const."""
    values = kernel(graph, layer)
    kept = (2, 3) if layer.depthwise else (layer.output_axis,)
    others = tuple(axis for axis in range(values.ndim) if axis not in kept)
    scale = np.maximum(np.abs(values).max(axis=others, keepdims=True) / 127, 1e-12)
    coded = np.rint(values / scale) * scale
    shape = np.asarray(graph.constant(layer.kernel)).shape
    return np.asarray(coded.reshape(shape), np.float32)


def _coded(values: Floats, range_: Range) -> Floats:
    scale, zero = nudged(range_)
    codes = np.clip(np.rint(values / np.float32(scale)) + zero, 0, LEVELS)
    return np.asarray((codes - zero) * np.float32(scale), np.float32)


def _mean(changes: Sequence[Change]) -> Change:
    return Change(
        disagreement=float(np.mean([one.disagreement for one in changes])),
        divergence=float(np.mean([one.divergence for one in changes])),
    )
