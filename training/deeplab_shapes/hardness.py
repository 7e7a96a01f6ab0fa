"""How hard a frozen graph is on eight bits: batch norm folded, each kernel rounded per tensor.

Run it as `python -m training.deeplab_shapes.hardness`; it prints the drop on val and the spread of
the folded kernels' channels. Nothing here is written back.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert.datasets.scenes import SPLITS
from training.deeplab_shapes.evaluate import class_ious
from training.deeplab_shapes.layers import EPSILON, tf1
from training.deeplab_shapes.train import GRAPH

Floats = NDArray[np.float64]


def rounded(frozen: bytes) -> bytes:
    """The graph with each kernel replaced by what an eight-bit copy of its folded form keeps."""
    graph = tf1.GraphDef.FromString(frozen)
    for node, kernel, scale in folded_kernels(graph):
        kept = round_per_tensor(kernel * scale) / np.where(scale == 0, 1, scale)
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(kept.astype(np.float32)))
    return bytes(graph.SerializeToString())


def folded_kernels(
    graph: tf.compat.v1.GraphDef,
) -> Iterator[tuple[tf.compat.v1.NodeDef, Floats, Floats]]:
    """Each kernel's node, its values and the factor per output channel that folding multiplies."""
    constants = {node.name: node for node in graph.node if node.op == "Const"}
    for name, node in constants.items():
        scope, _, leaf = name.rpartition("/")
        if leaf not in ("weights", "depthwise_weights"):
            continue
        norm = [constants.get(f"{scope}/BatchNorm/{part}") for part in ("gamma", "moving_variance")]
        scale = _scale(*map(values, norm)) if all(norm) else np.ones(1)
        depthwise = leaf == "depthwise_weights"
        yield node, values(node), scale[:, np.newaxis] if depthwise else scale


def values(node: tf.compat.v1.NodeDef) -> Floats:
    """A constant's values, float64."""
    return np.asarray(tf.make_ndarray(node.attr["value"].tensor), np.float64)


def round_per_tensor(kernel: Floats) -> Floats:
    """Values on the 256 even steps from the least to the greatest, zero among them."""
    low, high = min(kernel.min(), 0), max(kernel.max(), 0)
    step = (high - low) / 255
    zero = np.rint(-low / step)
    levels = np.clip(np.rint(kernel / step) + zero, 0, 255)
    return np.asarray((levels - zero) * step, np.float64)


def channel_spread(frozen: bytes) -> Iterator[str]:
    """A line per depthwise kernel: its folded channels' greatest magnitudes."""
    for node, kernel, scale in folded_kernels(tf1.GraphDef.FromString(frozen)):
        if node.name.endswith("depthwise_weights"):
            peaks = np.abs(kernel * scale).max(axis=(0, 1, 3))
            least, median, most = np.percentile(peaks, [0, 50, 100])
            yield f"{node.name}: least {least:.2g}, median {median:.2g}, greatest {most:.2g}"


def _scale(gamma: Floats, variance: Floats) -> Floats:
    """What folding multiplies a channel's kernel with."""
    return np.asarray(gamma / np.sqrt(variance + EPSILON))


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
