"""Decide everything about a core in eight bits, from unlabelled pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from convert.graph.graph import Graph
from convert.progress import Progress
from convert.quantization import Decisions, Kernel, Range
from convert.quantizers.choose_ranges import choose_ranges, ranges_of_drawn
from convert.quantizers.equalize import ACTIVATIONS, Proof, equalize
from convert.quantizers.grids import GridOf, per_channel
from convert.quantizers.layers import Layer, layers, with_constants, with_own_biases
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.solve import Solved
from convert.quantizers.spread import Pictures, spread
from convert.quantizers.trial import Answers
from convert.quantizers.walk import constants, solve_all, unrounded, walkable

_WALKED = 32
"""Pictures that the layers are solved on, at most."""


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


def decide(
    graph: Graph,
    pictures: Pictures,
    *,
    answers: Answers,
    entry: Range,
    known: Mapping[str, Range],
    methods: Methods = ALL,
    drawn: bool = False,
    progress: Progress | None = None,
) -> Decided:
    """Equalize, choose ranges, then round layer by layer, each making good what came before it.

    `answers`: what the outputs are to their reader. `entry` is what black and white are as the
    network reads them. `known` ranges, of a source that was trained with them, stand instead of
    ours. From `drawn` pictures nothing is concluded that real ones might not bear out.
    """
    own = with_own_biases(graph)
    wanted = methods.equalize and not (known or drawn)
    made = equalize(own, pictures, ACTIVATIONS) if wanted else None
    even = made.graph if made else own
    found = layers(even)
    given = {graph.inputs[0]: entry, **known}
    if drawn:
        methods = replace(methods, upstream=False)
        ranges = ranges_of_drawn(even, found, pictures, given)
    else:
        ranges = choose_ranges(even, found, pictures, answers, given, methods.ranges, progress)
    walked = spread(pictures, walkable(even, found, _WALKED))
    solved = solve_all(even, found, walked, ranges, _grid_of, methods, progress)
    kernels = {
        layer.kernel: _kernel(layer, solved[layer.name]) for layer in found if layer.name in solved
    }
    return Decided(
        graph=with_constants(even, constants(found, solved)),
        floats=even,
        unrounded=with_constants(even, unrounded(found, solved)),
        decisions=Decisions(kernels=kernels, ranges=ranges),
        walked=len(walked),
        proofs=made.proofs if made else (),
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
