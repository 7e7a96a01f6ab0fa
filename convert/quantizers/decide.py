"""Decide everything about a core in eight bits, from unlabelled pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from convert.graph.graph import Graph
from convert.progress import Progress
from convert.quantization import Decisions, Kernel, Range
from convert.quantizers.answers import Answers
from convert.quantizers.choose_ranges import choose_ranges, ranges_of_drawn
from convert.quantizers.equalize import ACTIVATIONS, Proof, equalize
from convert.quantizers.grids import GridOf, per_channel
from convert.quantizers.judge import Judge, shared
from convert.quantizers.keep_float import Nodes
from convert.quantizers.layers import Layer, layers, with_constants, with_own_biases
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.solve import Solved, nearest
from convert.quantizers.spread import Pictures
from convert.quantizers.walk import constants, solve_all, unrounded, walkable

NONE: Nodes = frozenset()
_WALKED = 32
"""Pictures that the layers are solved on, at most."""
_OWN_WINDOWS = (1, 4, 16)
"""Of those of one picture: few hold a layer to its own weights, many to what was seen."""


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
    walked: int
    """How many of the pictures, spread evenly, the layers were solved on: a file in eight bits
    agrees better on these than on any others."""
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Premises:
    """What is given before anything is decided of a core."""

    answers: Answers
    """What its outputs are to their reader."""
    entry: Range
    """What black and white are as the network reads them."""
    known: Mapping[str, Range]
    """Ranges of a source that was trained with them, which stand instead of ours."""
    methods: Methods = ALL
    drawn: bool = False
    """The pictures are: nothing is concluded from them that real ones might not bear out."""


def decide(
    graph: Graph, pictures: Pictures, premises: Premises, progress: Progress | None = None
) -> Decided:
    """Equalize, choose ranges, then round layer by layer, each making good what came before it.

    For a file that stores just these ranges: see `settle` and `round_for`.
    """
    settled = settle(graph, pictures, premises, progress)
    ranges = settled.decisions.ranges
    rounded = round_for(settled.floats, pictures, ranges, premises, progress=progress)
    return replace(rounded, proofs=settled.proofs)


def settle(
    graph: Graph, pictures: Pictures, premises: Premises, progress: Progress | None = None
) -> Decided:
    """Equalize and choose ranges: what all files have in common. Kernels are on nearest codes."""
    own, methods = with_own_biases(graph), premises.methods
    wanted = methods.equalize and not (premises.known or premises.drawn)
    made = equalize(own, pictures, ACTIVATIONS) if wanted else None
    even = made.graph if made else own
    found, given = layers(even), {graph.inputs[0]: premises.entry, **premises.known}
    ranges = (
        ranges_of_drawn(even, found, pictures, given)
        if premises.drawn
        else choose_ranges(even, found, pictures, premises.answers, given, methods.ranges, progress)
    )
    near = {
        layer.name: nearest(even, layer, grid)
        for layer in found
        if (grid := _grid_of(layer)) is not None
    }
    return _decided(even, found, near, ranges, proofs=made.proofs if made else ())


def round_for(
    even: Graph,
    pictures: Pictures,
    ranges: Mapping[str, Range],
    premises: Premises,
    *,
    kept: Nodes = NONE,
    progress: Progress | None = None,
) -> Decided:
    """Round an equalized graph's kernels for a file that stores these ranges and no others.

    `kept` nodes compute in float. A layer makes good what the file does before it, and does harm in
    a file that does something else: DeepLab's onnx file has its first layers in float, and with
    kernels that were rounded for a file in integers throughout it agreed on 98.9 % of the labels,
    where such a file did on 99.4 %. How far to believe what was seen is tried, and judged by
    pictures that no layer was rounded on; not where nodes are `kept`, of which many sets are tried.
    """
    found, methods = layers(even), premises.methods
    if premises.drawn:
        methods = replace(methods, upstream=False)
    walked, judging = shared(pictures, walkable(even, found, _WALKED))
    solve = partial(solve_all, even, found, walked, ranges, _grid_of, methods, progress, kept=kept)
    if not judging or kept or not methods.upstream:
        return _decided(even, found, solve(), ranges, kept=kept, walked=len(walked))
    judge = Judge(even, ranges, judging, premises.answers)
    tried = (
        _decided(even, found, solve(own_windows=own), ranges, kept=kept, walked=len(walked))
        for own in _OWN_WINDOWS
    )
    return min(tried, key=lambda one: judge.apart(one.graph))


def _decided(
    even: Graph,
    found: tuple[Layer, ...],
    solved: Mapping[str, Solved],
    ranges: Mapping[str, Range],
    *,
    kept: Nodes = NONE,
    walked: int = 0,
    proofs: tuple[Proof, ...] = (),
) -> Decided:
    kernels = {
        layer.kernel: _kernel(layer, solved[layer.name])
        for layer in found
        if layer.name in solved and layer.name not in kept
    }
    return Decided(
        graph=with_constants(even, constants(found, solved, kept)),
        floats=even,
        unrounded=with_constants(even, unrounded(found, solved)),
        decisions=Decisions(kernels=kernels, ranges=ranges, kept_float=kept),
        walked=walked,
        proofs=proofs,
    )


def _grid_of(layer: Layer) -> GridOf | None:
    """The writers round transposed convolutions themselves: their channels lie otherwise."""
    return None if layer.op == "Conv2DBackpropInput" else per_channel


def _kernel(layer: Layer, one: Solved) -> Kernel:
    scales = np.broadcast_to(
        one.grid.scale, (*one.grid.scale.shape[:1], 1, one.grid.scale.shape[2])
    )
    return Kernel(
        codes=one.codes.astype(np.int8),
        scales=scales.reshape(-1).astype(np.float32),
        depthwise=layer.depthwise,
    )
