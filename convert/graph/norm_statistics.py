"""What batch norms remember of the pictures a network was trained on (Ioffe & Szegedy 2015).

After a norm each channel had the mean beta and the deviation gamma over the training set. Folding
makes one weight of both, so they are read before.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef

Vector = NDArray[np.float32]
Statistics = Mapping[str, tuple[Vector, Vector]]
"""Node that gives what was normalised -> mean and standard deviation [C] of its channels."""

_FUSED = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
_ADDITIONS = frozenset({"Add", "AddV2"})


def norm_statistics(graph: Graph) -> Statistics:
    """Of every batch norm by constants: one node, or spelled out as TensorFlow 1's layers do it."""
    found = ((n.name, _fused(graph, n) or _spelled_out(graph, n)) for n in graph.graph_def.node)
    return {name: one for name, one in found if one is not None}


def _fused(graph: Graph, norm: NodeDef) -> tuple[Vector, Vector] | None:
    if norm.op not in _FUSED:
        return None
    return _pair(graph.constant(norm.input[2]), graph.constant(norm.input[1]))


def _spelled_out(graph: Graph, last: NodeDef) -> tuple[Vector, Vector] | None:
    """Such as x * (rsqrt(variance + epsilon) * gamma) + (beta - mean * the same)."""
    if last.op not in _ADDITIONS or len(last.input) != 2:
        return None
    scaled, shift = (graph.through_identity(name) for name in last.input)
    if scaled.op != "Mul" or shift.op != "Sub":
        return None
    beta = graph.constant(shift.input[0])
    for factor in map(graph.through_identity, scaled.input):
        if factor.op == "Rsqrt" and beta is not None:
            return _pair(beta, np.ones_like(beta))
        if factor.op == "Mul":
            parts = [graph.through_identity(name) for name in factor.input]
            gammas = [graph.constant(part.name) for part in parts if part.op != "Rsqrt"]
            if len(gammas) == 1:
                return _pair(beta, gammas[0])
    return None


def _pair(beta: object, gamma: object) -> tuple[Vector, Vector] | None:
    if beta is None or gamma is None:
        return None
    mean, deviation = np.asarray(beta, np.float32), np.abs(np.asarray(gamma, np.float32))
    return (mean, deviation) if mean.ndim == 1 and mean.shape == deviation.shape else None
