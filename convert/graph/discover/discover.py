"""From a graph alone: its ends, what surrounds the network, the cut, and what the core costs."""

from convert.anatomy import Anatomy, Back, CutOff, Front, GraphInput, OutputKind, SourceFile
from convert.graph.channels_last import channels_last
from convert.graph.discover.alternatives import find_alternatives
from convert.graph.discover.answering import answering_back
from convert.graph.discover.census import count_ops
from convert.graph.discover.flow import Flow
from convert.graph.discover.inputs import find_inputs
from convert.graph.discover.leftovers import find_leftovers, settle
from convert.graph.discover.merged import find_merged
from convert.graph.discover.network import Network, read_network
from convert.graph.discover.outputs import find_outputs
from convert.graph.discover.postprocessing import read_back
from convert.graph.discover.preprocessing import read_front
from convert.graph.discover.probe import Probe
from convert.graph.discover.proposal import proposal, reasons
from convert.graph.discover.said import Said, say_kinds
from convert.graph.discover.several import Answer, find_answer, given_answer
from convert.graph.discover.suppressed_back import suppressed_back
from convert.graph.discover.suppression import find_suppressed, suppresses
from convert.graph.discover.task import Purpose, guess_purpose
from convert.graph.graph import Graph
from convert.recipe import Cut

_NOTHING_GIVEN = Cut()
_SCORES_RANK = 2


def discover(
    graph: Graph,
    *,
    given: Cut = _NOTHING_GIVEN,
    file: SourceFile | None = None,
    cut_off: CutOff | None = None,
) -> Anatomy:
    """What a frozen graph is made of; node names that are `given` are taken, not looked for.

    `cut_off` is what the file does after the graph's outputs. Raises UnsupportedError where no
    input takes a picture, nothing is an output, a given node is not there, or TensorFlow does not
    take the graph.
    """
    graph = channels_last(graph)
    inputs = find_inputs(graph, given.original_input)
    picture = inputs[0]
    settled = settle(graph, inputs)
    flow = Flow(graph=settled, picture=picture.name)
    probe = Probe(settled, picture)
    shapes = probe.shapes()
    found = find_outputs(flow, shapes, probe.dtypes(), given.original_output)
    said = say_kinds(flow, probe, found, cut_off)
    answer = _answer(flow, said, given)
    front = _front(flow, probe, picture, said, answer, given)
    if answer and answer.suppressed:
        back = suppressed_back(flow, probe, front, answer)
    elif answer:
        back = answering_back(answer, said.facts[found[0].name], probe, front)
    else:
        back = read_back(flow, probe, front, found[0].name, shapes, end=given.output)
    network = read_network(settled, front, back, answer)
    purpose = _purpose(settled, front, back, network, answer, said.outputs[0].kind)
    if purpose.task is None and answer is None:
        merged = find_merged(probe, front, purpose.back, network.core.output_shape)
        if merged:
            answer, back = merged
            purpose = _purpose(settled, front, back, network, answer, said.outputs[0].kind)
    return Anatomy(
        file=file,
        nodes=len(graph.graph_def.node),
        ops=count_ops(graph),
        inputs=inputs,
        outputs=said.outputs,
        cut_off=cut_off,
        leftovers=find_leftovers(graph),
        front=front,
        core=network.core,
        back=purpose.back,
        cut=proposal(picture.name, found[0].name, front, purpose.back, given, answer),
        reasons=reasons(front, purpose, answer),
        task=purpose.task,
        classes=purpose.classes,
    )


def _answer(flow: Flow, said: Said, given: Cut) -> Answer | None:
    """The outputs that make an answer together, unless a recipe names one, or the answer's ends."""
    if given.output or given.original_output:
        return None
    if any(suppresses(node.op) for node in flow.graph.graph_def.node):
        found = find_suppressed(flow, said.shapes)
    else:
        found = find_answer(flow.graph, said.outputs, said.told)
    return given_answer(given.outputs, found) if given.outputs else found


def _front(
    flow: Flow, probe: Probe, picture: GraphInput, said: Said, answer: Answer | None, given: Cut
) -> Front:
    shape = said.outputs[0].shape
    scores = answer is None and shape is not None and len(shape) == _SCORES_RANK
    painted = said.outputs[0].name if answer and answer.task == "image" else None
    return read_front(flow, probe, picture, scores=scores, painted=painted, end=given.input)


def _purpose(
    graph: Graph,
    front: Front,
    back: Back,
    network: Network,
    answer: Answer | None,
    kind: OutputKind,
) -> Purpose:
    """What the network is for; a back whose core ends in an enlargement gets its alternative."""
    if answer:
        return Purpose(task=answer.task, classes=answer.classes, back=back, says=answer.says)
    output = network.core.output_shape
    if front.layout == "NCHW" and output is not None and len(output) == len("NCHW"):
        output = (output[0], *output[2:], output[1])
    alternatives = find_alternatives(graph, back, network.shapes)
    full = back.model_copy(update={"alternatives": alternatives})
    return guess_purpose(full, output, count_ops(graph), front.preprocessing, kind)
