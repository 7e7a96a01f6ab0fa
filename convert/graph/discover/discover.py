"""From a graph alone: its ends, what surrounds the network, the cut, and what the core costs."""

from convert.anatomy import Anatomy, Back, Core, Front, GraphInput, SourceFile
from convert.graph.discover.alternatives import find_alternatives
from convert.graph.discover.census import count_macs, count_ops, count_parameters
from convert.graph.discover.core_end import Shapes
from convert.graph.discover.flow import Flow
from convert.graph.discover.inputs import find_inputs
from convert.graph.discover.leftovers import find_leftovers, settle
from convert.graph.discover.outputs import find_outputs
from convert.graph.discover.postprocessing import read_back
from convert.graph.discover.preprocessing import read_front
from convert.graph.discover.probe import Probe
from convert.graph.discover.size import batch_of, core_of, core_shapes
from convert.graph.discover.task import Purpose, guess_purpose
from convert.graph.expressible import inexpressible
from convert.graph.graph import Graph
from convert.recipe import Cut
from convert.vocabulary import TARGETS

_NOTHING_GIVEN = Cut()
_SCORES_RANK = 2


def discover(
    graph: Graph, *, given: Cut = _NOTHING_GIVEN, file: SourceFile | None = None
) -> Anatomy:
    """What a frozen graph is made of; node names that are `given` are taken, not looked for.

    Raises UnsupportedError where no input takes a picture, nothing is an output, a given node is
    not there, or TensorFlow does not take the graph.
    """
    inputs = find_inputs(graph, given.original_input)
    picture = inputs[0]
    settled = settle(graph, inputs)
    flow = Flow(graph=settled, picture=picture.name)
    probe = Probe(settled, picture)
    shapes = probe.shapes()
    outputs = find_outputs(flow, shapes, probe.dtypes(), given.original_output)
    scores = outputs[0].shape is not None and len(outputs[0].shape) == _SCORES_RANK
    front = read_front(flow, probe, picture, scores=scores, end=given.input)
    back = read_back(flow, probe, front, outputs[0].name, shapes, end=given.output)
    core, inner = _core(settled, front, back)
    purpose = _purpose(front, back, core, settled, inner)
    return Anatomy(
        file=file,
        nodes=len(graph.graph_def.node),
        ops=count_ops(graph),
        inputs=inputs,
        outputs=outputs,
        leftovers=find_leftovers(graph),
        front=front,
        core=core,
        back=purpose.back,
        cut=_proposal(picture, outputs[0].name, front, back, given),
        reasons=_reasons(front, back, purpose),
        task=purpose.task,
        classes=purpose.classes,
    )


def _core(graph: Graph, front: Front, back: Back) -> tuple[Core, Shapes]:
    """The core's facts at its static shape, and every shape in it."""
    shape = batch_of(front.preprocessing.size, front.layout)
    core = core_of(graph, front.end, back.start, shape)
    if core is None:
        found = Core(input_shape=shape, output_shape=None, ops={}, parameters=0, macs=None)
        return found, {}
    shapes = core_shapes(core, front.end) or {}
    varying = Flow(graph=core, picture=core.inputs[0]).varying - set(core.outputs)
    ops = count_ops(core, varying)
    facts = Core(
        input_shape=shape,
        output_shape=shapes.get(back.start),
        ops=ops,
        parameters=count_parameters(core),
        macs=count_macs(core, shapes),
        cannot={t: cannot for t in TARGETS if (cannot := inexpressible(t, ops))},
    )
    return facts, shapes


def _purpose(front: Front, back: Back, core: Core, graph: Graph, shapes: Shapes) -> Purpose:
    """What the network is for; a back whose core ends in an enlargement gets its alternative."""
    output = core.output_shape
    if front.layout == "NCHW" and output is not None and len(output) == len("NCHW"):
        output = (output[0], *output[2:], output[1])
    alternatives = find_alternatives(graph, back, shapes)
    full = back.model_copy(update={"alternatives": alternatives})
    return guess_purpose(full, output, count_ops(graph), front.preprocessing)


def _proposal(picture: GraphInput, output: str, front: Front, back: Back, given: Cut) -> Cut:
    return given.model_copy(
        update={
            "original_input": picture.name,
            "original_output": output,
            "input": front.end,
            "output": back.start,
            "resized_outside": front.resized_outside,
        }
    )


def _reasons(front: Front, back: Back, purpose: Purpose) -> tuple[str, ...]:
    starts = f"The core starts at {front.end}: {front.why}."
    ends = f"It ends at {back.start}: {back.why}."
    return starts, ends, f"What it is for: {purpose.says}."
