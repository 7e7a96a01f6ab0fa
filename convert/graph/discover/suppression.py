"""Detectors that suppress overlapping boxes themselves: the ends before the boxes are decoded.

Such graphs (TensorFlow's Object Detection API writes them) decode and suppress with ops and loops
that no target has; what they start from is [1, N, 4] boxes and [1, N, C] scores.
"""

from collections.abc import Mapping

from convert.anatomy import Shape
from convert.graph.discover.flow import Flow
from convert.graph.discover.several import Answer

_BOX, _RANK = 4, 3
_SAYS = (
    "it suppresses overlapping boxes: detection; the core ends where boxes and scores have left "
    "the network, so that decoding and suppression are left to postprocessing"
)


def find_suppressed(flow: Flow, shapes: Mapping[str, Shape | None]) -> Answer | None:
    """The raw boxes and scores that a NonMaxSuppression works on; None where there are none."""
    suppressing = [n.name for n in flow.graph.graph_def.node if suppresses(n.op)]
    upstream = {name: flow.upstream(name) for name in suppressing}
    before = set().union(*upstream.values()) & flow.learned if upstream else set()
    rows = {name: shape for name in before if _is_rows(shape := shapes.get(name))}
    boxes = [name for name, shape in rows.items() if shape and shape[-1] == _BOX]
    scores = [name for name, shape in rows.items() if shape and shape[-1] != _BOX]
    pairs = [(b, s) for b in boxes for s in scores if _count(shapes, b) == _count(shapes, s)]
    if not pairs:
        return None
    depth = {name: len(flow.upstream(name)) for name in rows}
    box, score = min(pairs, key=lambda pair: (-_count(shapes, pair[0]), *(depth[n] for n in pair)))
    classes = (shapes[score] or (1,))[-1] or 1
    ends = {"boxes": box, "scores": score}
    return Answer(task="detection", ends=ends, classes=classes, columns=0, says=_SAYS)


def suppresses(op: str) -> bool:
    """Whether an op leaves boxes out that others cover."""
    return op.startswith(("NonMaxSuppression", "CombinedNonMaxSuppression"))


def _is_rows(shape: Shape | None) -> bool:
    """[1, N, D] of fixed lengths."""
    return shape is not None and len(shape) == _RANK and None not in shape[1:]


def _count(shapes: Mapping[str, Shape | None], name: str) -> int:
    return (shapes.get(name) or (0, 0))[1] or 0
