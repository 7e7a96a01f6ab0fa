"""Tell known ranges by the nodes of the core, whose names are not all those of the source."""

from collections.abc import Mapping

from convert.graph.fake_quant import Range
from convert.graph.graph import Graph


def carry_ranges(
    known: Mapping[str, Range], renamed: Mapping[str, str], cut: Graph, core: Graph
) -> dict[str, Range]:
    """Node of the core -> its range, for the nodes of the source whose ranges are known.

    `renamed` are the nodes that the cut gave other names, `cut` is the graph before the passes.
    A node that only passed another on, and is gone, tells the range of that one; an output has
    its node's. What lies outside the cut is left out.
    """
    inside = {renamed.get(n, n): r for n, r in known.items() if renamed.get(n, n) in cut.nodes}
    found = {name: limits for name, limits in inside.items() if name in core.nodes}
    for name, limits in inside.items():
        passed_on = cut.through_identity(name).name
        if passed_on in core.nodes:
            found.setdefault(passed_on, limits)
    for output in core.outputs:
        node = core.through_identity(output).name
        if node in found:
            found.setdefault(output, found[node])
    return found
