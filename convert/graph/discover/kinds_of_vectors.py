"""What an output of one vector is: a flag, landmarks, or scores of classes."""

from collections.abc import Mapping

from convert.anatomy import OutputKind
from convert.graph.discover.evident import BOUNDS, POINT_WORDS, by_name
from convert.graph.discover.output_facts import OutputFacts
from convert.graph.discover.told import Seen, Told

_POINTS: Mapping[int, tuple[int, int]] = {
    15: (5, 3),
    42: (21, 2),
    63: (21, 3),
    99: (33, 3),
    117: (39, 3),
    136: (68, 2),
    165: (33, 5),
    195: (39, 5),
    196: (98, 2),
    212: (106, 2),
    213: (71, 3),
    936: (468, 2),
    1404: (468, 3),
    1434: (478, 3),
}
"""Values of the known landmark models -> points, and values of each: eyes, hands, bodies, faces."""
_UNMISTAKABLE = 936
"""From here on, a known count of values tells landmarks alone."""
_WIDEST = 4
"""Values of a landmark, at most, where only a name says that there are any."""


def of_picture(facts: OutputFacts, seen: Seen) -> Told | None:
    """[1, L]: a flag, landmarks, or scores of classes."""
    if not facts.is_vector or facts.values is None or facts.last == "argmax":
        return None
    if facts.values == 1:
        return Told(kind="flag", says=_flag(facts))
    shape = _split(facts, seen)
    if shape:
        return landmarks(facts, *shape)
    kind: OutputKind = "probabilities" if facts.last in ("softmax", "sigmoid") else "logits"
    return Told(kind=kind, says=f"{kind} of {facts.values} classes: {BOUNDS[facts.last]}")


def _flag(facts: OutputFacts) -> str:
    how = {"sigmoid": "Sigmoid makes it a probability", "none": "a logit, for nothing bounds it"}
    bounds = how.get(facts.last, BOUNDS[facts.last])
    meant = "which hand it is" if facts.named("handed") else "whether what is looked for is there"
    named = f" (its layer is named {_last_name(facts)})" if facts.named("handed", "flag") else ""
    return f"a flag, one number for a picture, such as {meant}{named}: {bounds}"


def _last_name(facts: OutputFacts) -> str:
    found = [w for w in facts.words.split() if "handed" in w or "flag" in w]
    return found[0].split("/matmul")[0].rsplit("/", 1)[-1]


def _split(facts: OutputFacts, seen: Seen) -> tuple[int, int] | None:
    """Points and values of each, where a vector is of landmarks."""
    count = facts.values or 0
    if facts.last != "none":
        return None
    named = facts.named(*POINT_WORDS)
    if count in _POINTS:
        sure = named or count >= _UNMISTAKABLE or _accompanied(facts, seen)
        return _POINTS[count] if sure else None
    width = next((width for width in (3, 2) if count % width == 0), None)
    return (count // width, width) if named and width else None


def _accompanied(facts: OutputFacts, seen: Seen) -> bool:
    """Whether a flag stands beside, or more landmarks of as many values each."""
    columns = _POINTS[facts.values or 0][1]
    beside = [other.values or 0 for other in seen.others(facts) if other.is_vector]
    return any(count == 1 or _POINTS.get(count, (0, 0))[1] == columns for count in beside)


def are_points(facts: OutputFacts) -> bool:
    """Whether [1, P, D] holds P landmarks."""
    known = facts.depth in (2, 3) and (facts.anchors, facts.depth) in _POINTS.values()
    pointed = facts.depth is not None and facts.depth <= _WIDEST and facts.named(*POINT_WORDS)
    return facts.last == "none" and (known or pointed)


def landmarks(facts: OutputFacts, count: int, width: int) -> Told:
    """Landmarks: `count` of them, of `width` values each."""
    says = f"landmarks: {count} points of {width} values"
    if facts.is_vector:
        says += f", for {facts.values} = {count} x {width}, and {BOUNDS[facts.last]}"
    return Told(kind="landmarks", says=f"{says}{by_name(facts)}", columns=width)
