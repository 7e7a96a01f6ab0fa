"""Make the core: cut the original graph and pass it on, keeping what each step made."""

from collections.abc import Mapping

from convert.graph.cut import cut as cut_graph
from convert.graph.graph import Graph
from convert.graph.passes import PASSES
from convert.preprocessing import Size
from convert.runtimes.reference import Ends


def cut(original: Graph, ends: Ends, size: Size) -> Mapping[str, Graph]:
    """What was done -> the graph after it; the last is the core that every target is written from.

    The core takes float32 [1, H, W, 3] of `size`.
    """
    made = cut_graph(
        original,
        start=ends.start,
        ends=ends.ends,
        shape=(1, *size, 3),
        input_name=ends.input_name,
    )
    steps = {"cut": made}
    for name, step in PASSES.items():
        made = step(made)
        steps[name] = made
    return steps
