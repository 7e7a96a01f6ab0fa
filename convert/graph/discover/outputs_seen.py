"""How many boxes a detector gives for any picture."""

from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Probe, noise

_BOX, _RANK = 4, 3


def rows_given(flow: Flow, probe: Probe) -> int | None:
    """M of an output [1, M, 4] that has it for every picture; None where there is none."""
    names = [n.name for n in flow.graph.graph_def.node if _may_be(flow, n.name)]
    seen = [probe.run(noise(probe.allowed((64, 48)), seed), names) for seed in range(2)]
    counts = [
        {array.shape[1] for array in arrays if array.ndim == _RANK and array.shape[-1] == _BOX}
        for arrays in seen
        if arrays is not None
    ]
    same = set.intersection(*counts) if len(counts) == len(seen) else set()
    return max(same) or None if same else None


def _may_be(flow: Flow, name: str) -> bool:
    """Whether nobody reads a node that the picture reaches through weights."""
    return name in flow.learned and not flow.graph.consumers.get(name)
