"""How hard a frozen graph is on eight bits: batch norm folded, each kernel rounded per tensor.

Run it as `python -m training.deeplab_shapes.hardness`; it prints the drop on val and the spread of
the folded kernels' channels. Nothing here is written back.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert.datasets.scenes import SPLITS
from training.deeplab_shapes.evaluate import class_ious
from training.deeplab_shapes.layers import EPSILON, tf1
from training.deeplab_shapes.train import GRAPH

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """A convolution's kernel and the batch norm behind it."""

    node: tf.compat.v1.NodeDef
    """The constant that holds it."""
    weights: Floats
    """HWIO, or HWC1 where it is depthwise."""
    scale: Floats
    """What folding multiplies the output channels with, of a shape that broadcasts."""

    @property
    def folded(self) -> Floats:
        """The weights a converter stores."""
        return self.weights * self.scale


def kernels(graph: tf.compat.v1.GraphDef) -> Iterator[Kernel]:
    """Each kernel of the graph."""
    constants = {node.name: node for node in graph.node if node.op == "Const"}
    for name, node in constants.items():
        scope, _, leaf = name.rpartition("/")
        if leaf == "weights":
            yield Kernel(node=node, weights=values(node), scale=folding(constants, scope))
        if leaf == "depthwise_weights":
            scale = folding(constants, scope)[:, np.newaxis]
            yield Kernel(node=node, weights=values(node), scale=scale)


def folding(constants: dict[str, tf.compat.v1.NodeDef], scope: str) -> Floats:
    """What the batch norm of a scope multiplies channels with; 1 where there is none."""
    if f"{scope}/BatchNorm/gamma" not in constants:
        return np.ones(1)
    gamma = values(constants[f"{scope}/BatchNorm/gamma"])
    variance = values(constants[f"{scope}/BatchNorm/moving_variance"])
    return np.asarray(gamma / np.sqrt(variance + EPSILON), np.float64)


def rounded(frozen: bytes) -> bytes:
    """The graph with each kernel replaced by what an eight-bit copy of its folded form keeps."""
    graph = tf1.GraphDef.FromString(frozen)
    for kernel in kernels(graph):
        kept = round_per_tensor(kernel.folded) / np.where(kernel.scale == 0, 1, kernel.scale)
        kernel.node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(kept.astype(np.float32)))
    return bytes(graph.SerializeToString())


def values(node: tf.compat.v1.NodeDef) -> Floats:
    """A constant's values, float64."""
    return np.asarray(tf.make_ndarray(node.attr["value"].tensor), np.float64)


def round_per_tensor(weights: Floats) -> Floats:
    """Values on the 256 even steps from the least to the greatest, zero among them."""
    low, high = min(weights.min(), 0), max(weights.max(), 0)
    step = (high - low) / 255
    zero = np.rint(-low / step)
    levels = np.clip(np.rint(weights / step) + zero, 0, 255)
    return np.asarray((levels - zero) * step, np.float64)


def channel_spread(frozen: bytes) -> Iterator[str]:
    """A line per depthwise kernel: its folded channels' greatest magnitudes."""
    for kernel in kernels(tf1.GraphDef.FromString(frozen)):
        if kernel.node.name.endswith("depthwise_weights"):
            least, median, most = np.percentile(np.abs(kernel.folded).max((0, 1, 3)), [0, 50, 100])
            name = kernel.node.name.removesuffix("/depthwise/depthwise_weights")
            yield f"{name}: least {least:.2g}, median {median:.2g}, greatest {most:.2g}"


def main() -> None:
    """Print the spread and the drop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graph", type=Path, default=GRAPH)
    frozen = parser.parse_args().graph.read_bytes()
    print(*channel_spread(frozen), sep="\n")
    whole, rough = (class_ious(each, SPLITS["val"]).mean() for each in (frozen, rounded(frozen)))
    print(
        f"mIoU {whole:.4f}, kernels in eight bits per tensor {rough:.4f}, drop {whole - rough:.4f}"
    )


if __name__ == "__main__":
    main()
