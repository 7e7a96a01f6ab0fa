"""The back of a graph as a recipe's postprocessing: decode, un-pad, bring to the picture's size."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from convert.anatomy import Back, Front, Step
from convert.graph.discover.core_end import CoreEnd, Shapes, core_end
from convert.graph.discover.flow import Flow
from convert.graph.discover.moves import described, resampling
from convert.graph.discover.probe import Probe, noise
from convert.graph.discover.seen import probe_sizes
from convert.graph.discover.tail import Tail, read_tail
from convert.graph.graph import NodeDef, is_control, node_name
from convert.pictures.placement import place
from convert.preprocessing import Postprocessing, Size

_IDLE = frozenset({"Identity", "StopGradient"})
_RERANKS = frozenset({"ExpandDims", "Reshape", "Squeeze"})
_DECODES = {
    "ArgMax": "takes the class of the largest value (ArgMax)",
    "Softmax": "makes probabilities of the logits (Softmax)",
    "Sigmoid": "makes a probability of each logit (Sigmoid)",
}
_SIZE_OPERAND = {"Slice": 2, "StridedSlice": 2, "ResizeBilinear": 1, "ResizeNearestNeighbor": 1}


@dataclass(frozen=True, kw_only=True)
class _Effect:
    """What a node of the tail adds to the postprocessing."""

    says: str = ""
    fields: Mapping[str, Any] | None = None
    missing: str | None = None


def read_back(
    flow: Flow,
    probe: Probe,
    front: Front,
    output: str,
    shapes: Shapes,
    *,
    end: str | None = None,
) -> Back:
    """What stands after the network; `end` overrides the node that the core ends with."""
    tail = read_tail(flow, output)
    found = core_end(flow, tail, front.end, shapes)
    if end:
        found = _given(tail, found, end)
    effects = [_effect(flow, probe, front, node) for node in tail.nodes[found.first :]]
    nodes = tail.nodes[found.first :]
    fields: dict[str, Any] = {"decode": found.decode}
    for effect in effects:
        fields |= effect.fields or {}
    missing = (*found.missing, *(e.missing for e in effects if e.missing))
    restore = fields.get("restore")
    if found.decode == "argmax" and restore and restore["method"] != "nearest":
        fields["restore"] = {**restore, "method": "nearest"}
    return Back(
        start=found.name,
        why=found.why,
        steps=tuple(
            Step(nodes=(node.name,), says=effect.says)
            for node, effect in zip(nodes, effects, strict=True)
            if effect.says
        ),
        postprocessing=Postprocessing.model_validate(fields),
        missing=missing,
    )


def _given(tail: Tail, found: CoreEnd, end: str) -> CoreEnd:
    """The end that a recipe names; what it leaves out of the tail is postprocessing."""
    names = [tail.before, *(node.name for node in tail.nodes)]
    first = names.index(end) if end in names else found.first
    return CoreEnd(name=end, first=first, decode=found.decode, why="the recipe names it")


def _effect(flow: Flow, probe: Probe, front: Front, node: NodeDef) -> _Effect:
    if node.op in _IDLE:
        return _Effect()
    if node.op in _DECODES:
        return _Effect(says=_DECODES[node.op])
    if node.op == "Cast":
        return _Effect(says="casts the answer")
    if node.op in _RERANKS:
        return _Effect(says="takes out or puts in an axis of one")
    return _sized(flow, probe, front, node)


def _sized(flow: Flow, probe: Probe, front: Front, node: NodeDef) -> _Effect:
    """Slices and resizes: to what is left of the padding, or to the picture's own size."""
    sizes = _observed(flow, probe, front, node)
    if node.op == "StridedSlice" and node.attr["new_axis_mask"].i:
        return _Effect(says="takes out or puts in an axis of one")
    if sizes and node.op in ("Slice", "StridedSlice") and _unpads(sizes, front):
        return _Effect(says="cuts off what was padded", fields={"unpad": True})
    how = resampling(node) if node.op.startswith("Resize") else None
    if how and sizes and all(found == picture for picture, found in sizes.items()):
        says = f"resizes to the picture's own size ({described(how)})"
        return _Effect(says=says, fields={"restore": how.model_dump()})
    says = f"{node.op} {node.name} to a size that is neither the picture's nor its place's"
    return _Effect(says=says, missing=says)


def _unpads(sizes: Mapping[Size, Size], front: Front) -> bool:
    pre = front.preprocessing
    return all(place(picture, pre).content.size == found for picture, found in sizes.items())


def _observed(flow: Flow, probe: Probe, front: Front, node: NodeDef) -> Mapping[Size, Size]:
    """Picture size -> the size that a node makes, from its operand alone; empty if it has none."""
    references = [r for r in node.input if not is_control(r)]
    reference = references[_SIZE_OPERAND[node.op]]
    if node_name(reference) not in flow.varying:
        return {}
    found = {}
    for size in _pictures(probe, front, heavy=bool(_learned(flow, reference))):
        arrays = probe.run(noise(size), [reference])
        if arrays is not None and arrays[0].size >= 2:  # height and width
            lengths = [int(length) for length in arrays[0].ravel()]
            height, width = lengths if len(lengths) == 2 else lengths[1:3]
            found[size] = height, width
    return found


def _learned(flow: Flow, reference: str) -> frozenset[str]:
    """The weighted ops that must be run to know a node."""
    return flow.upstream(node_name(reference)) & flow.weighted


def _pictures(probe: Probe, front: Front, *, heavy: bool) -> Iterable[Size]:
    sizes = probe_sizes(front.preprocessing.size)[: 1 if heavy else 4]
    return dict.fromkeys(probe.allowed(size) for size in sizes)
