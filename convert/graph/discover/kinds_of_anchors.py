"""What an output of rows is: boxes, the scores of boxes, or landmarks."""

from convert.graph.discover.evident import BOUNDS, BOX_WORDS, SCORE_WORDS, by_name
from convert.graph.discover.kinds_of_vectors import are_points, landmarks
from convert.graph.discover.output_facts import OutputFacts
from convert.graph.discover.told import Seen, Told

_BOX = 4


def of_anchors(facts: OutputFacts, seen: Seen) -> Told | None:
    """[1, N, D]: boxes, or the scores of boxes that another output of the same N holds."""
    if facts.anchors is None or facts.depth is None:
        return None
    if are_points(facts):
        return landmarks(facts, facts.anchors, facts.depth)
    others = [o for o in seen.others(facts) if o.anchors == facts.anchors]
    boxes = max([facts, *others], key=_boxness)
    if others and boxes is not facts and _boxness(boxes) > _NO_BOX:
        says = f"the scores of boxes: {facts.depth} for each of the {facts.anchors} in {boxes.name}"
        return Told(kind="box_scores", says=f"{says}; {BOUNDS[facts.last]}{by_name(facts)}")
    if _boxness(facts) > _NO_BOX and (others or facts.named(*BOX_WORDS)):
        return Told(kind="boxes", says=_boxes(facts, bool(others)))
    return None


_NO_BOX = (False, False, 0, False)


def _boxness(facts: OutputFacts) -> tuple[bool, bool, int, bool]:
    """Larger is likelier to hold the boxes of two outputs of as many rows."""
    depth = facts.depth or 0
    if depth < _BOX or depth % 2 or facts.last in ("softmax", "sigmoid"):
        return _NO_BOX
    scores, boxes = facts.named(*SCORE_WORDS), facts.named(*BOX_WORDS)
    return not scores, boxes, -depth, True


def _boxes(facts: OutputFacts, scored: bool) -> str:
    depth = facts.depth or 0
    points = (depth - _BOX) // 2
    more = f" and {points} key points of 2" if points else ""
    why = ", as many as another output has scores for" if scored else ""
    return f"boxes: 4 values{more} for each of {facts.anchors}{why}{by_name(facts)}"
