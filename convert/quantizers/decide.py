"""Decide everything about a core in eight bits, from unlabelled pictures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.progress import Progress, Silence
from convert.quantization import Decisions, Kernel, Range
from convert.quantizers.equalize import ACTIVATIONS, Proof, equalize
from convert.quantizers.grids import GridOf, per_channel
from convert.quantizers.layers import Layer, layers, with_constants, with_own_biases
from convert.quantizers.march import March
from convert.quantizers.moments import moments
from convert.quantizers.ranges import chosen, least_error, min_max, observe, percentile
from convert.quantizers.simulate import EIGHT, as_stored, simulated, stored
from convert.quantizers.solve import Solved, solve
from convert.quantizers.trial import Trial

Pictures = Callable[[], Iterator[NDArray[np.float32]]]

_RARE = 1e-4
"""The share of values that the percentile range leaves out at either end."""
_WALKED = 32
"""Pictures that the layers are solved on."""
_TRIED = 4
"""Pictures that ranges are tried on."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A core in eight bits."""

    graph: Graph
    """The core with its kernels on their grids and its biases refitted, in float32."""
    floats: Graph
    """The core before any rounding, equalized: the same nodes."""
    unrounded: Graph
    """As `graph`, but with kernels that are not rounded: layers that are kept in float."""
    decisions: Decisions
    proofs: tuple[Proof, ...] = ()


def decide(
    graph: Graph,
    pictures: Pictures,
    *,
    labels: bool,
    entry: Range,
    known: Mapping[str, Range],
    progress: Progress | None = None,
) -> Decided:
    """Equalize, choose ranges, then round layer by layer, each making good what came before it.

    `labels`: the outputs are scores whose largest counts. `entry` is what black and white are as
    the network reads them. `known` ranges, of a source that was trained with them, stand instead
    of ours.
    """
    own = with_own_biases(graph)
    made = equalize(own, pictures, ACTIVATIONS) if not known else None
    even = made.graph if made else own
    found = layers(even)
    given = {graph.inputs[0]: entry, **known}
    ranges = _ranges(even, found, pictures, labels, given, progress)
    walked = spread(pictures, _WALKED)
    solved = solve_all(even, found, walked, ranges, _grid_of, progress)
    kernels = {
        layer.kernel: _kernel(layer, solved[layer.name]) for layer in found if layer.name in solved
    }
    return Decided(
        graph=with_constants(even, constants(found, solved)),
        floats=even,
        unrounded=with_constants(even, unrounded(found, solved)),
        decisions=Decisions(kernels=kernels, ranges=ranges),
        proofs=made.proofs if made else (),
    )


def solve_all(
    graph: Graph,
    found: tuple[Layer, ...],
    pictures: list[NDArray[np.float32]],
    ranges: Mapping[str, Range],
    grid_of: Callable[[Layer], GridOf | None],
    progress: Progress | None = None,
) -> dict[str, Solved]:
    """Every layer that has a grid, by name, in order.

    What a layer reads comes from the network as far as it is already in eight bits; `ranges` are
    what the values between layers are rounded to (none: they stay in float).
    """
    entry = ranges.get(graph.inputs[0])
    given = [as_stored(picture, entry) for picture in pictures] if entry else pictures
    floats, eights = March(graph, pictures), March(simulated(graph, ranges), given)
    solved: dict[str, Solved] = {}
    last: dict[str, NDArray[Any]] = {}
    with (progress or Silence()).count("round", len(found), "layers") as tick:
        for layer in found:
            suffix = EIGHT if layer.data in ranges else ""
            x, y = floats.to(layer.data, {}), eights.to(layer.data + suffix, last)
            last = {}
            grid = grid_of(layer)
            if grid is not None:
                solved[layer.name] = solve(graph, layer, moments(graph, layer, x, y), grid)
                last = _constants(layer, solved[layer.name])
            tick()
    return solved


def constants(
    found: tuple[Layer, ...], solved: Mapping[str, Solved]
) -> dict[str, NDArray[np.float32]]:
    """The Const nodes of solved layers with their new values."""
    return {
        name: value
        for layer in found
        if layer.name in solved
        for name, value in _constants(layer, solved[layer.name]).items()
    }


def unrounded(
    found: tuple[Layer, ...], solved: Mapping[str, Solved]
) -> dict[str, NDArray[np.float32]]:
    """The Const nodes of solved layers with the values that they would have in float."""
    held: dict[str, NDArray[np.float32]] = {}
    for layer in found:
        one = solved.get(layer.name)
        if one is not None:
            held[layer.kernel] = one.unrounded
            if layer.bias is not None and one.unrounded_bias is not None:
                held[layer.bias] = one.unrounded_bias
    return held


def spread(pictures: Pictures, count: int) -> list[NDArray[np.float32]]:
    """At most `count` pictures, evenly from the whole stream (of which no more are held)."""
    total = sum(1 for _ in pictures())
    wanted = _spread_places(total, count)
    return [picture for place, picture in enumerate(pictures()) if place in wanted]


def solved_on(total: int) -> frozenset[int]:
    """The places of the pictures that layers are solved on, of so many.

    A file in eight bits agrees better on these than on any others.
    """
    return _spread_places(total, _WALKED)


def _spread_places(total: int, count: int) -> frozenset[int]:
    return frozenset(np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist())


def _ranges(
    graph: Graph,
    found: tuple[Layer, ...],
    pictures: Pictures,
    labels: bool,
    given: Mapping[str, Range],
    progress: Progress | None,
) -> dict[str, Range]:
    """Per tensor the one of min-max, percentile and least error that the answers mind least."""
    seen = observe(graph, stored(graph, found), pictures())
    here = {name: range_ for name, range_ in given.items() if name in seen}
    ways = [
        {**way, **here}
        for way in (min_max(seen), percentile(seen, _RARE), least_error(graph, found, seen))
    ]
    trial = Trial(graph, ways[0], spread(pictures, _TRIED), labels)
    ways.sort(key=trial.cost)
    with (progress or Silence()).count("choose ranges", len(seen), "tensors") as tick:
        return chosen(trial, ways[0], ways[1:], tick)


def _grid_of(layer: Layer) -> GridOf | None:
    """The writers round transposed convolutions themselves: their channels lie otherwise."""
    return None if layer.op == "Conv2DBackpropInput" else per_channel


def _constants(layer: Layer, one: Solved) -> dict[str, NDArray[np.float32]]:
    made = {layer.kernel: one.kernel}
    if layer.bias is not None and one.bias is not None:
        made[layer.bias] = one.bias
    return made


def _kernel(layer: Layer, one: Solved) -> Kernel:
    scales = np.broadcast_to(
        one.grid.scale, (*one.grid.scale.shape[:1], 1, one.grid.scale.shape[2])
    )
    return Kernel(
        codes=one.codes.astype(np.int8),
        scales=scales.reshape(-1).astype(np.float32),
        depthwise=layer.depthwise,
    )
