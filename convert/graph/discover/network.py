"""The network between the two cuts: what it is made of and what it costs, at its static shape."""

from dataclasses import dataclass

from convert.anatomy import Back, Core, Front
from convert.graph.discover.census import count_macs, count_ops, count_parameters
from convert.graph.discover.core_end import Shapes
from convert.graph.discover.flow import Flow
from convert.graph.discover.several import Answer
from convert.graph.discover.size import batch_of, core_between, core_shapes
from convert.graph.expressible import inexpressible
from convert.graph.graph import Graph
from convert.vocabulary import TARGETS


@dataclass(frozen=True, kw_only=True)
class Network:
    """The core's facts, and every static shape in it."""

    core: Core
    shapes: Shapes


def read_network(graph: Graph, front: Front, back: Back, answer: Answer | None) -> Network:
    """The core between the front and the back, or the ends of an answer of several outputs."""
    shape = batch_of(front.preprocessing.size, front.layout)
    ends = tuple(answer.ends.values()) if answer else (back.start,)
    core = core_between(graph, front.end, ends, shape)
    if core is None:
        found = Core(input_shape=shape, output_shape=None, ops={}, parameters=0, macs=None)
        return Network(core=found, shapes={})
    shapes = core_shapes(core, front.end) or {}
    varying = Flow(graph=core, picture=core.inputs[0]).varying - set(core.outputs)
    ops = count_ops(core, varying)
    facts = Core(
        input_shape=shape,
        output_shape=shapes.get(back.start),
        output_shapes={end: shapes.get(end) for end in ends} if len(ends) > 1 else {},
        ops=ops,
        parameters=count_parameters(core),
        macs=count_macs(core, shapes),
        cannot={t: cannot for t in TARGETS if (cannot := inexpressible(t, ops))},
    )
    return Network(core=facts, shapes=shapes)
