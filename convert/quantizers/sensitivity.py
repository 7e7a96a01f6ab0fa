"""Rank layers and tensors by the disagreement that each alone causes in eight bits."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.progress import Progress
from convert.quantization import Range
from convert.quantizers.alone import Alone, Change, rounding_errors, weights_alone
from convert.quantizers.answers import Answers
from convert.report import Harm, Ranking


def sensitivity(
    floats: Graph,
    unrounded: Graph,
    rounded: Graph,
    ranges: Mapping[str, Range],
    pictures: Sequence[NDArray[np.float32]],
    *,
    answers: Answers,
    progress: Progress,
) -> Ranking:
    """Weights by layer and activations by node, the most harmful first.

    The three graphs have the same nodes: without rounding, with kernels made to fit the network in
    eight bits, and with these rounded. `answers`: what the outputs are to their reader.
    """
    alone = Alone(floats, pictures, answers)
    errors = rounding_errors(floats, unrounded, rounded)
    with progress.count("round weights alone", len(errors), "layers") as tick:
        weights = weights_alone(alone, errors, tick)
    total = len(ranges) * len(pictures)
    with progress.count("round activations alone", total, "passes") as tick:
        activations = alone.of_ranges(ranges, tick)
    return Ranking(
        pictures=len(pictures),
        unit="labels changed" if answers in ("largest", "chance") else "error",
        weights=_ranked(floats, weights),
        activations=_ranked(floats, activations),
    )


def _ranked(graph: Graph, changes: Mapping[str, Change]) -> tuple[Harm, ...]:
    harms = [
        Harm(
            name=name,
            op=graph.node(name).op,
            disagreement=change.disagreement,
            divergence=change.divergence,
        )
        for name, change in changes.items()
    ]
    return tuple(sorted(harms, key=lambda one: (-one.disagreement, -one.divergence, one.name)))
