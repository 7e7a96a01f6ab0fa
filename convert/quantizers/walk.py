"""Round every layer of a network in order, each making good what the ones before it changed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.progress import Progress, Silence
from convert.quantization import Range
from convert.quantizers.grids import GridOf
from convert.quantizers.layers import Layer
from convert.quantizers.march import March, widest
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.moments import moments
from convert.quantizers.simulate import EIGHT, as_stored, nudged, simulated
from convert.quantizers.solve import OWN_WINDOWS, Solved, solve

_BUDGET = 1.2e9
"""Bytes that the two walks may hold: a large graph is solved on fewer pictures."""


def solve_all(
    graph: Graph,
    found: tuple[Layer, ...],
    pictures: list[NDArray[np.float32]],
    ranges: Mapping[str, Range],
    grid_of: Callable[[Layer], GridOf | None],
    methods: Methods = ALL,
    progress: Progress | None = None,
    *,
    kept: Collection[str] = (),
    own_windows: int = OWN_WINDOWS,
) -> dict[str, Solved]:
    """Every layer that has a grid, by name, in order.

    What a layer reads comes from the network as far as it is already in eight bits; `ranges` are
    what the values between layers are rounded to (those without one stay in float). Layers that are
    `kept` in float make good what came before them, and are not rounded. `own_windows` as `solve`
    has them.
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
                seen = moments(graph, layer, x, y)
                step = nudged(ranges[layer.data])[0] if layer.data in ranges else None
                solved[layer.name] = solve(graph, layer, seen, grid, methods, step, own_windows)
                last = new_constants(layer, solved[layer.name], layer.name in kept)
            tick()
    floats.close()
    eights.close()
    return solved


def constants(
    found: tuple[Layer, ...], solved: Mapping[str, Solved], kept: Collection[str] = ()
) -> dict[str, NDArray[np.float32]]:
    """The Const nodes of solved layers with their new values; of `kept` ones without rounding."""
    return {
        name: value
        for layer in found
        if layer.name in solved
        for name, value in new_constants(layer, solved[layer.name], layer.name in kept).items()
    }


def unrounded(
    found: tuple[Layer, ...], solved: Mapping[str, Solved]
) -> dict[str, NDArray[np.float32]]:
    """The Const nodes of solved layers with the values that they would have in float."""
    return constants(found, solved, kept=tuple(solved))


def new_constants(layer: Layer, one: Solved, kept: bool = False) -> dict[str, NDArray[np.float32]]:
    """A layer's kernel and bias, by their Const nodes; `kept`: as they are in float."""
    kernel, bias = (one.unrounded, one.unrounded_bias) if kept else (one.kernel, one.bias)
    made = {layer.kernel: kernel}
    if layer.bias is not None and bias is not None:
        made[layer.bias] = bias
    return made


def walkable(graph: Graph, found: tuple[Layer, ...], most: int) -> int:
    """How many pictures, at least one, two walks can hold what lies between the layers of."""
    walked = replace(graph, outputs=tuple(layer.data for layer in found))
    return int(np.clip(_BUDGET // (2 * max(widest(walked), 1)), 1, most))
