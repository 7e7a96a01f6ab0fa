"""Detectors that suppress overlapping boxes themselves: the ends before the boxes are decoded.

Such graphs (TensorFlow's Object Detection API writes them) decode and suppress with ops and loops
that no target has; what they start from is [1, N, 4] boxes and [1, N, C] scores.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

from convert.anatomy import Shape
from convert.graph.discover.flow import Flow
from convert.graph.discover.several import Answer

_BOX, _RANK = 4, 3
_ACTIVATES = frozenset({"Sigmoid", "Softmax"})
_SAYS = (
    "it suppresses overlapping boxes: detection; the core ends where boxes and scores have left "
    "the network, so that decoding and suppression are left to postprocessing"
)


def find_suppressed(flow: Flow, shapes: Mapping[str, Shape | None]) -> Answer | None:
    """The raw boxes and scores that a NonMaxSuppression works on; None where there are none."""
    upstream = {name: flow.upstream(name) for name in suppressing(flow)}
    before = set().union(*upstream.values()) & flow.learned if upstream else set()
    rows = {name: shape for name in before if _is_rows(shape := shapes.get(name))}
    counts = sorted({_count(shapes, name) for name in rows}, reverse=True)
    for count in counts:
        pair = _pair(flow, {n: rows[n] for n in rows if _count(shapes, n) == count})
        if pair:
            box, score = pair
            classes = (shapes[score] or (1,))[-1] or 1
            return Answer(
                task="detection",
                ends={"boxes": box, "scores": score},
                classes=classes,
                columns=0,
                says=_SAYS,
                suppressed=(count, classes),
            )
    return None


def suppressing(flow: Flow) -> list[str]:
    """The nodes that leave boxes out."""
    return [n.name for n in flow.graph.graph_def.node if suppresses(n.op)]


def suppresses(op: str) -> bool:
    """Whether an op leaves boxes out that others cover."""
    return op.startswith(("NonMaxSuppression", "CombinedNonMaxSuppression"))


def _pair(flow: Flow, rows: Mapping[str, Shape | None]) -> tuple[str, str] | None:
    """Of tensors of as many rows, the first that holds boxes and the first that holds scores."""
    upstream = {n: flow.upstream(n) for n in rows}
    later = {n: _is_activated(flow, n) for n in rows}
    pairs = [
        (box, score)
        for box, score in product(rows, rows)
        if (rows[box] or (0,))[-1] == _BOX
        and box not in upstream[score]
        and score not in upstream[box]
    ]

    def likelihood(pair: tuple[str, str]) -> tuple[Any, ...]:
        """The least is the likeliest: where there are four classes, what follows tells them."""
        box, score = pair
        return later[box], not later[score], len(upstream[box]), len(upstream[score]), pair

    return min(pairs, key=likelihood, default=None)


def _is_activated(flow: Flow, name: str) -> bool:
    """Whether a Sigmoid or Softmax makes probabilities of a tensor."""
    after = flow.reached([name], lambda node: True)
    return any(flow.graph.nodes[n].op in _ACTIVATES for n in after - {name})


def _is_rows(shape: Shape | None) -> bool:
    """[1, N, D] of fixed lengths."""
    return shape is not None and len(shape) == _RANK and None not in shape[1:]


def _count(shapes: Mapping[str, Shape | None], name: str) -> int:
    return (shapes.get(name) or (0, 0))[1] or 0
