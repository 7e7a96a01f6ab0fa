"""Networks that answer by more than labels or scores: which outputs belong to the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from convert.anatomy import GraphOutput, OutputKind
from convert.graph.discover.told import Told
from convert.graph.graph import Graph
from convert.vocabulary import Task

_FLOATS = frozenset({"float16", "float32", "bfloat16", "float64"})
_EXPORTED: Mapping[OutputKind, str] = {"box_scores": "scores", "unknown": "output"}
"""What an output is called in the exported files; by its kind, where it is not here."""
_WHAT: Mapping[Task, str] = {
    "detection": "boxes and their scores: detection; what decodes the boxes is not in the graph",
    "pose": "heatmaps with offsets: poses; what finds the key points is not in the graph",
    "landmarks": "landmarks of what the picture shows",
    "image": "a picture goes in and a picture comes out",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that neither labels nor scores are; `ends` is name in exported files -> node."""

    task: Task | None
    ends: Mapping[str, str]
    classes: int
    columns: int
    """Values of each landmark; 0 where there are none."""
    says: str
    suppressed: tuple[int, int] | None = None
    """How many raw boxes and scores each, where the graph suppresses overlapping boxes itself."""


def find_answer(
    graph: Graph, outputs: Sequence[GraphOutput], told: Mapping[str, Told]
) -> Answer | None:
    """The outputs that make an answer together; None where the first one is labels or scores."""
    usable = [o for o in outputs if o.dtype in _FLOATS and not o.needs]
    task = _task({output.kind for output in usable}, usable)
    if task is None:
        return None
    group = usable if task != "image" else usable[:1]
    ordered = sorted(group, key=lambda output: _order(graph, output.name))
    return Answer(
        task=task,
        ends=_ends(graph, ordered),
        classes=_classes(task, ordered),
        columns=max(told[output.name].columns for output in ordered),
        says=_WHAT[task],
    )


def given_answer(ends: Mapping[str, str], found: Answer | None) -> Answer:
    """The answer whose ends a recipe names; for what they are found to be, where that is told."""
    if found:
        return replace(found, ends=ends)
    return Answer(task=None, ends=ends, classes=1, columns=0, says="the recipe names its outputs")


def _task(kinds: set[OutputKind], outputs: Sequence[GraphOutput]) -> Task | None:
    if {"boxes", "box_scores"} <= kinds:
        return "detection"
    if {"heatmaps", "offsets"} <= kinds:
        return "pose"
    if "landmarks" in kinds:
        return "landmarks"
    return "image" if outputs and outputs[0].kind == "picture" else None


def _order(graph: Graph, name: str) -> int:
    """The place that the file gives an output; the last where it names none."""
    return graph.outputs.index(name) if name in graph.outputs else len(graph.outputs)


def _ends(graph: Graph, outputs: Sequence[GraphOutput]) -> dict[str, str]:
    ends: dict[str, str] = {}
    for output in outputs:
        name = _EXPORTED.get(output.kind, output.kind)
        if output.kind == "flag" and "which hand" in output.meaning:
            name = "handedness"
        free, number = name, 2
        while free in ends or (free in graph.nodes and free != output.name):
            free, number = f"{name}_{number}", number + 1
        ends[free] = output.name
    return ends


def _classes(task: Task, outputs: Sequence[GraphOutput]) -> int:
    """Scores to a box, heatmaps, or 1 where there are no classes."""
    wanted = {"detection": "box_scores", "pose": "heatmaps"}.get(task)
    return max((o.shape[-1] or 1 for o in outputs if o.kind == wanted and o.shape), default=1)
