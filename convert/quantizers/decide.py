"""Decide everything about a core in eight bits, from unlabelled pictures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.progress import Progress, Silence
from convert.quantization import Decisions, Kernel, Range
from convert.quantizers.equalize import ACTIVATIONS, Proof, equalize
from convert.quantizers.grids import GridOf, per_channel
from convert.quantizers.layers import Layer, layers, with_constants, with_own_biases
from convert.quantizers.march import March, widest
from convert.quantizers.moments import moments
from convert.quantizers.ranges import (
    chosen,
    entropy,
    least_error,
    min_max,
    observe,
    percentile,
)
from convert.quantizers.simulate import EIGHT, as_stored, simulated, stored
from convert.quantizers.solve import Solved, solve
from convert.quantizers.trial import Trial
from convert.quantizers.unseen import widened
from convert.vocabulary import RangeWay

Pictures = Callable[[], Iterator[NDArray[np.float32]]]

_RARE = 1e-4
"""The share of values that the percentile range leaves out at either end."""
_WALKED = 32
"""Pictures that the layers are solved on, at most."""
_BUDGET = 1.65e9
"""Bytes that the two walks may hold: a large graph is solved on fewer pictures."""
_TRIED_WAYS: tuple[RangeWay, ...] = ("min_max", "percentile", "least_error")
_TRIED = 6
"""Pictures that ranges are tried on."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A core in eight bits."""

    graph: Graph
    """The core with its kernels on their grids and its biases refitted, in float32."""
    decisions: Decisions
    proofs: tuple[Proof, ...] = ()


def decide(
    graph: Graph,
    pictures: Pictures,
    *,
    labels: bool,
    entry: Range,
    known: Mapping[str, Range],
    way: RangeWay = "chosen",
    drawn: bool = False,
    progress: Progress | None = None,
) -> Decided:
    """Equalize, choose ranges, then round layer by layer, each making good what came before it.

    `labels`: the outputs are scores whose largest counts. `entry` is what black and white are as
    the network reads them. `known` ranges, of a source that was trained with them, stand instead
    of ours. From `drawn` pictures nothing is concluded that real ones might not bear out.
    """
    own = with_own_biases(graph)
    made = equalize(own, pictures, ACTIVATIONS) if not (known or drawn) else None
    even = made.graph if made else own
    found = layers(even)
    given = {graph.inputs[0]: entry, **known}
    if drawn:
        seen = observe(even, stored(even, found), pictures())
        ranges = {**widened(even, min_max(seen)), **{n: given[n] for n in given if n in seen}}
    else:
        ranges = _ranges(even, found, pictures, labels, given, way, progress)
    walked = spread(pictures, walkable(even, found, _WALKED))
    solved = solve_all(even, found, walked, ranges, _grid_of, progress, upstream=not drawn)
    kernels = {
        layer.kernel: _kernel(layer, solved[layer.name]) for layer in found if layer.name in solved
    }
    return Decided(
        graph=with_constants(even, constants(found, solved)),
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
    *,
    upstream: bool = True,
) -> dict[str, Solved]:
    """Every layer that has a grid, by name, in order.

    What a layer reads comes from the network as far as it is already in eight bits; `ranges` are
    what the values between layers are rounded to (none: they stay in float). `upstream` as in
    `solve`: it fits weights to the pictures, which must be real.
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
                solved[layer.name] = solve(
                    graph, layer, moments(graph, layer, x, y), grid, upstream=upstream
                )
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


def walkable(graph: Graph, found: tuple[Layer, ...], most: int) -> int:
    """How many pictures, at least one, two walks can hold what lies between the layers of."""
    walked = replace(graph, outputs=tuple(layer.data for layer in found))
    return int(np.clip(_BUDGET // (2 * max(widest(walked), 1)), 1, most))


def spread(pictures: Pictures, count: int) -> list[NDArray[np.float32]]:
    """At most `count` pictures, evenly from the whole stream (of which no more are held)."""
    total = sum(1 for _ in pictures())
    wanted = set(np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist())
    return [picture for place, picture in enumerate(pictures()) if place in wanted]


def _ranges(
    graph: Graph,
    found: tuple[Layer, ...],
    pictures: Pictures,
    labels: bool,
    given: Mapping[str, Range],
    way: RangeWay,
    progress: Progress | None,
) -> dict[str, Range]:
    """Per tensor the one of three ways that the answers mind least, or all by one `way`."""
    seen = observe(graph, stored(graph, found), pictures())
    here = {name: range_ for name, range_ in given.items() if name in seen}
    made: Mapping[RangeWay, Callable[[], dict[str, Range]]] = {
        "min_max": lambda: min_max(seen),
        "percentile": lambda: percentile(seen, _RARE),
        "least_error": lambda: least_error(graph, found, seen),
        "entropy": lambda: entropy(seen),
    }
    if way != "chosen":
        return {**made[way](), **here}
    ways = [{**made[one](), **here} for one in _TRIED_WAYS]
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
