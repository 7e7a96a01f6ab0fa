"""What an output with a value for each place is: a mask, a picture, or a part of PoseNet's."""

from collections.abc import Mapping

from convert.anatomy import OutputKind
from convert.graph.discover.output_facts import OutputFacts
from convert.graph.discover.told import Seen, Told

_PICTURE = 3
_LABELS_RANK = 3
_PERSON = 2
"""Values to a place, at most, where each says how much of a person there is."""
_MASK_WORDS = ("mask", "segment", "semantic", "logits", "class")
_NAMED: Mapping[OutputKind, tuple[str, ...]] = {
    "displacements": ("displacement", "mid_offset"),
    "offsets": ("offset",),
    "heatmaps": ("heatmap", "heat_map"),
}
_POSE_SAYS: Mapping[OutputKind, str] = {
    "heatmaps": "heatmaps: how likely each of {depth} key points is at each of {places} places",
    "offsets": "offsets: y and x of {half} key points from each of {places} places",
    "displacements": "displacements: {half} ways from a key point to its neighbour, at each of "
    "{places} places",
}


def of_places(facts: OutputFacts, seen: Seen) -> Told | None:
    """What a map is; None for what is no map, or one that nothing is known of."""
    if facts.last == "argmax" and len(facts.shape or ()) >= _LABELS_RANK:
        return Told(kind="mask", says="a mask: ArgMax has taken the class of each place")
    if facts.places is None or facts.depth is None:
        return None
    return _of_pose(facts, seen) or _painted(facts, seen) or _classes(facts)


def _of_pose(facts: OutputFacts, seen: Seen) -> Told | None:
    """Heatmaps, offsets and displacements, by name or by how their depths fit together."""
    named = [kind for kind, words in _NAMED.items() if facts.named(*words)]
    fitting = _fitting(facts, seen)
    if not named and not fitting:
        return None
    kind, why = (named[0], "its name says so") if named else (str(fitting), "the depths fit")
    told: OutputKind = next(each for each in _POSE_SAYS if each == kind)
    depth = facts.depth or 0
    says = _POSE_SAYS[told].format(depth=depth, half=depth // 2, places=_places(facts))
    return Told(kind=told, says=f"{says}; {why}")


def _fitting(facts: OutputFacts, seen: Seen) -> str | None:
    """K heatmaps go with 2 K offsets, and with 2 (K - 1) displacements or twice as many."""
    depths = [o.depth or 0 for o in seen.others(facts) if o.places == facts.places]
    depth = facts.depth or 0
    key_points = [k for k in (*depths, depth) if k > _PICTURE and 2 * k in (*depths, depth)]
    for count in key_points:
        if depth == count:
            return "heatmaps"
        if depth == 2 * count:
            return "offsets"
        if depth in (2 * (count - 1), 4 * (count - 1)):
            return "displacements"
    return None


def _painted(facts: OutputFacts, seen: Seen) -> Told | None:
    """Three values to a place that nothing makes classes of, at the picture's size or larger."""
    if facts.depth != _PICTURE or facts.last == "softmax" or facts.named(*_MASK_WORDS):
        return None
    scale = _enlarged(facts, seen)
    if scale is None:
        return None
    size = "of the size that goes in" if scale == 1 else f"{scale} times the size that goes in"
    bounded = {"tanh": "Tanh keeps it within -1..1", "sigmoid": "Sigmoid keeps it within 0..1"}
    how = bounded.get(facts.last, "nothing makes classes of its 3 channels")
    return Told(kind="picture", says=f"a picture {size}: {how}")


def _enlarged(facts: OutputFacts, seen: Seen) -> int | None:
    """How many times the picture's size a map has; 1 where neither is fixed."""
    if facts.places in (seen.size, (None, None)):
        return 1 if seen.size == facts.places else None
    pairs = list(zip(facts.places or (), seen.size, strict=False))
    scales = {large // small for large, small in pairs if large and small and large % small == 0}
    found = scales.pop() if len(scales) == 1 and len(pairs) == len("HW") else None
    whole = all(large == small * (found or 0) for large, small in pairs if large and small)
    return found if found and whole else None


def _classes(facts: OutputFacts) -> Told | None:
    depth, how = facts.depth or 0, facts.last
    if how == "tanh":
        return None
    if depth <= _PERSON:
        verb = "logits, for nothing bounds them"
        if how != "none":
            verb = f"probabilities, which {how.capitalize()} makes of them"
        says = f"a mask, such as of a person: {_counted(depth)} at each of {_places(facts)} places"
        return Told(kind="mask", says=f"{says}, {verb}{_by_name(facts)}")
    kind: OutputKind = "probabilities" if how in ("softmax", "sigmoid") else "logits"
    if depth == _PICTURE and how == "none" and not facts.named(*_MASK_WORDS):
        return None
    says = f"{kind} of a mask: {depth} classes at each of {_places(facts)} places"
    return Told(kind=kind, says=f"{says}{_by_name(facts)}")


def _counted(depth: int) -> str:
    return "1 value" if depth == 1 else f"{depth} values"


def _by_name(facts: OutputFacts) -> str:
    name = facts.words.split(maxsplit=1)[0]
    return f"; named {name}" if any(word in name for word in _MASK_WORDS) else ""


def _places(facts: OutputFacts) -> str:
    height, width = facts.places or (None, None)
    return f"{height or '?'}x{width or '?'}"
