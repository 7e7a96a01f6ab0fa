"""What training left in a graph: find it, and settle what would change the answer."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from convert.anatomy import GraphInput, Leftover, LeftoverKind
from convert.graph.channels_last import channels_last
from convert.graph.discover.branches import without_branches
from convert.graph.discover.flow import PLACEHOLDERS, Flow, is_sink
from convert.graph.discover.inputs import find_inputs
from convert.graph.discover.probe import Probe, noise
from convert.graph.fake_quant import FAKE_QUANT, without_fake_quant
from convert.graph.graph import Graph, NodeDef, is_control
from convert.graph.loops.unroll import Fetch, has_loops, unroll_once
from convert.graph.nodes import attribute, constant, node
from convert.graph.tensorflow import tensorflow

_RANDOM = frozenset(
    {"RandomUniform", "RandomStandardNormal", "StatelessRandomUniform", "StatelessRandomUniformV2"}
)
_EXAMPLES = 3
_SMALL = (64, 48)
"""A picture that tells how often loops run."""
_BY_OP: Mapping[str, LeftoverKind] = {
    "Assert": "assert",
    "CheckNumerics": "check",
    "Print": "print",
    "PrintV2": "print",
    "StopGradient": "stop_gradient",
    "PreventGradient": "stop_gradient",
}
_SAYS: Mapping[LeftoverKind, str] = {
    "assert": "checks that stop the program; no exported file has them",
    "check": "checks for infinities; they pass their input on",
    "control_dependency": "orders to run something first; a cut graph needs none",
    "dropout": "dropout, which does nothing after training",
    "fake_quant": "rounding simulated in training; its ranges are kept, the float core has none",
    "print": "prints to a log; they pass their input on",
    "read_identity": "reads of what were variables; they pass the weights on",
    "stop_gradient": "marks for the gradient; they pass their input on",
    "summary": "records for TensorBoard",
}


def find_leftovers(graph: Graph) -> tuple[Leftover, ...]:
    """What training left behind, by kind, in the order of the alphabet."""
    found: dict[LeftoverKind, list[str]] = {}
    for each in graph.graph_def.node:
        for kind in _kinds(graph, each):
            found.setdefault(kind, []).append(each.name)
    return tuple(
        Leftover(kind=kind, count=len(names), examples=tuple(names[:_EXAMPLES]), says=_SAYS[kind])
        for kind, names in sorted(found.items())
    )


def _kinds(graph: Graph, each: NodeDef) -> Iterator[LeftoverKind]:
    if each.op in _BY_OP:
        yield _BY_OP[each.op]
    if each.op in FAKE_QUANT:
        yield "fake_quant"
    if is_sink(each.op) and "Summary" in each.op:
        yield "summary"
    if each.op == "Identity" and graph.node(each.input[0]).op == "Const":
        yield "read_identity"
    elif each.op == "Identity" and "dropout" in each.name.lower():
        yield "dropout"
    if each.op in _RANDOM and "dropout" in each.name.lower():
        yield "dropout"
    if any(is_control(reference) for reference in each.input):
        yield "control_dependency"


def settled(graph: Graph, picture: str | None = None) -> Graph:
    """`settle` with channels last and the placeholders found; `picture` names the picture's.

    It may also name a node behind it, from which on values are real: then the likeliest is taken.
    """
    whole = channels_last(graph)
    given = picture if picture and whole.node(picture).op in PLACEHOLDERS else None
    return settle(whole, find_inputs(whole, given))


def settle(graph: Graph, inputs: Sequence[GraphInput]) -> Graph:
    """The graph as it answers after training.

    Placeholders with a `fixed` value become constants, branches that these decide are taken, and
    products with dropout's random masks and simulated rounding pass their input on. Loops over a
    batch are taken once, for a picture is a batch of one. The ends' names stay; the first of
    `inputs` takes the picture.
    """
    fixed = without_fake_quant(without_branches(_fixed(graph, inputs)))
    return _unmasked(_unrolled(fixed, inputs[0]), inputs[0].name)


def _unrolled(graph: Graph, picture: GraphInput) -> Graph:
    """Without the loops that a picture goes through once."""
    if not has_loops(graph):
        return graph

    def probing(made: Graph) -> Fetch:
        probe = Probe(made, picture)
        return lambda tensors: probe.run(noise(probe.allowed(_SMALL)), tensors)

    return unroll_once(graph, probing)


def _fixed(graph: Graph, inputs: Sequence[GraphInput]) -> Graph:
    """With constants in the place of placeholders."""
    constants = {i.name: _constant(i) for i in inputs if i.fixed is not None}
    return _replaced(graph, constants)


def _unmasked(graph: Graph, picture: str) -> Graph:
    """Without dropout's random masks."""
    masked = _masked(graph, picture)
    return _replaced(graph, {name: _passed(graph.node(name), r) for name, r in masked.items()})


def _replaced(graph: Graph, replacements: Mapping[str, NodeDef]) -> Graph:
    if not replacements:
        return graph
    graph_def = tensorflow().compat.v1.GraphDef()
    graph_def.versions.CopyFrom(graph.graph_def.versions)
    graph_def.library.CopyFrom(graph.graph_def.library)
    graph_def.node.extend(replacements.get(each.name, each) for each in graph.graph_def.node)
    return Graph(graph_def=graph_def, inputs=graph.inputs, outputs=graph.outputs)


def _constant(given: GraphInput) -> NodeDef:
    return constant(given.name, np.array(given.fixed, dtype=given.dtype))


def _passed(each: NodeDef, reference: str) -> NodeDef:
    made = node("Identity", each.name, reference)
    made.attr["T"].CopyFrom(attribute(each.attr["T"]))
    return made


def _masked(graph: Graph, picture: str) -> dict[str, str]:
    """Product or choice of pixels and a random mask -> the reference to the pixels."""
    drawn = [n.name for n in graph.graph_def.node if n.op in _RANDOM]
    if not drawn:
        return {}
    flow = Flow(graph=graph, picture=picture)
    noise = flow.reached(drawn, lambda n: True) - flow.content
    found = {}
    for each in graph.graph_def.node:
        references = [r for r in each.input if not is_control(r)]
        names = [p.name for p in graph.producers(each)]
        if each.op not in ("Mul", "SelectV2") or not noise.intersection(names):
            continue
        pixels = [r for r, name in zip(references, names, strict=True) if name in flow.content]
        if len(pixels) == 1:
            found[each.name] = pixels[0]
    return found
