"""How a detector leaves boxes out: the numbers of its NonMaxSuppression and of what is around."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from convert.graph.discover.flow import Flow
from convert.graph.discover.outputs_seen import rows_given
from convert.graph.discover.probe import Probe, noise
from convert.graph.discover.suppression import suppressing
from convert.graph.graph import NodeDef, is_control

_IOU, _SCORE = 3, 4
"""Operands of NonMaxSuppressionV2 and its successors."""
_COMBINED_IOU, _COMBINED_SCORE = 4, 5
_DIGITS = 6
_COMPARES = frozenset({"Greater", "GreaterEqual"})


def thresholds(flow: Flow, probe: Probe) -> dict[str, Any]:
    """The fields of BoxDecoding that the graph's suppression tells; others stay at their defaults.

    A suppression of its own for each class is one that stands in the graph several times.
    """
    nodes = [flow.graph.node(name) for name in suppressing(flow)]
    combined = any(node.op.startswith("Combined") for node in nodes)
    found: dict[str, Any] = {"per_class": combined or len(nodes) > 1}
    overlaps = [value for node in nodes if (value := _overlap(probe, node)) is not None]
    if overlaps and 0 < overlaps[0] <= 1:
        found["iou_threshold"] = overlaps[0]
    least = [*_least(probe, nodes), *_compared(flow, nodes)]
    found["score_threshold"] = max((value for value in least if 0 <= value <= 1), default=0.0)
    most = rows_given(flow, probe)
    return {**found, "max_detections": most} if most else found


def _overlap(probe: Probe, node: NodeDef) -> float | None:
    if node.op == "NonMaxSuppression":
        return _short(node.attr["iou_threshold"].f)
    return _operand(probe, node, _COMBINED_IOU if node.op.startswith("Combined") else _IOU)


def _least(probe: Probe, nodes: list[NodeDef]) -> Iterator[float]:
    """The least scores that suppressions themselves let through."""
    for node in nodes:
        index = _COMBINED_SCORE if node.op.startswith("Combined") else _SCORE
        value = _operand(probe, node, index)
        if value is not None:
            yield value


def _compared(flow: Flow, nodes: list[NodeDef]) -> Iterator[float]:
    """Constants that scores are compared with before the suppression."""
    before = set().union(*(flow.upstream(node.name) for node in nodes))
    for name in before & flow.learned:
        node = flow.graph.nodes[name]
        if node.op in _COMPARES:
            value = flow.graph.constant(node.input[1])
            if value is not None and value.size == 1 and value.dtype.kind == "f":
                yield _short(float(value))


def _operand(probe: Probe, node: NodeDef, index: int) -> float | None:
    references = [r for r in node.input if not is_control(r)]
    if index >= len(references):
        return None
    arrays = probe.run(noise(probe.allowed((64, 48))), [references[index]])
    if arrays is None or not np.isfinite(arrays[0]).all():
        return None
    return _short(float(arrays[0]))


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
