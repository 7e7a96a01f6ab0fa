"""What each output probably is, and why: by who reads it, its shape, its last function, its name.

The shapes are those of the single-shot detectors (SSD, BlazeFace), of MediaPipe's landmark models
and of PoseNet (Papandreou et al. 2018).
"""

from collections.abc import Callable, Mapping, Sequence

from convert.anatomy import CutOff, OutputKind
from convert.graph.discover.kinds_of_anchors import of_anchors
from convert.graph.discover.kinds_of_maps import of_places
from convert.graph.discover.kinds_of_vectors import of_picture
from convert.graph.discover.output_facts import OutputFacts
from convert.graph.discover.told import Seen, Told

_ROLES: Mapping[str, tuple[OutputKind, str]] = {
    "boxes": ("boxes", "boxes: {depth} values for each of {rows} anchors"),
    "scores": ("box_scores", "the scores of boxes: {depth} for each of {rows}"),
    "heatmaps": ("heatmaps", "heatmaps, one for each of {depth} key points, of {rows} places"),
    "offsets": ("offsets", "offsets: y and x of {half} key points from each of {rows} places"),
    "displacements": (
        "displacements",
        "displacements: {half} ways from a key point to its neighbour, at each of {rows} places",
    ),
}


def tell_kinds(
    outputs: Sequence[OutputFacts], size: tuple[int | None, int | None], cut_off: CutOff | None
) -> dict[str, Told]:
    """Output -> what it is, of all outputs of a graph that takes pictures of `size`."""
    return {
        facts.name: _told(facts, Seen(outputs=tuple(outputs), size=size), cut_off)
        for facts in outputs
    }


def _told(facts: OutputFacts, seen: Seen, cut_off: CutOff | None) -> Told:
    read = _read_on(facts, cut_off)
    if read:
        return read
    for rule in _RULES:
        told = rule(facts, seen)
        if told:
            return told
    return Told(kind="unknown", says="its shape, last function and names tell nothing")


def _read_on(facts: OutputFacts, cut_off: CutOff | None) -> Told | None:
    for role, node in (cut_off.reads if cut_off else {}).items():
        if node == facts.name and role in _ROLES and cut_off:
            kind, says = _ROLES[role]
            depth, rows = facts.depth or 0, (facts.values or 0) // (facts.depth or 1)
            what = says.format(depth=depth, half=depth // 2, rows=rows)
            return Told(kind=kind, says=f"{what}; {cut_off.operator} reads it as such")
    return None


_RULES: tuple[Callable[[OutputFacts, Seen], Told | None], ...] = (
    of_places,
    of_anchors,
    of_picture,
)
