"""What a layer multiplies its kernel by, as a matrix: sampled windows of its input."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import NodeDef

Doubles = NDArray[np.float64]


def patches(data: NDArray[np.float32], node: NodeDef, window: tuple[int, int], at_most: int) -> Any:
    """Windows of a layer's input `data` [N, H, W, C] (or [N, I]), float32 [P, h * w, C].

    `window` is the kernel's height and width. At most `at_most` windows a picture, at the same
    places for arrays of the same shape. Of a transposed convolution and of a matrix product a
    window is one position.
    """
    if node.op not in ("Conv2D", "DepthwiseConv2dNative"):
        rows = data.reshape(-1, data.shape[-1])
        return rows[_chosen(len(rows), at_most)][:, None, :]
    return np.concatenate([_windows(picture, node, window, at_most) for picture in data])


def _windows(
    picture: NDArray[np.float32], node: NodeDef, window: tuple[int, int], at_most: int
) -> NDArray[np.float32]:
    strides, rates = (_pair(node, name) for name in ("strides", "dilations"))
    same = node.attr["padding"].s == b"SAME"
    reach = [(size - 1) * rate + 1 for size, rate in zip(window, rates, strict=True)]
    sides = list(zip(picture.shape[:2], strides, reach, strict=True))
    margins = [_margins(*side) if same else (0, 0) for side in sides]
    counts = [
        (size + sum(margin) - span) // stride + 1
        for (size, stride, span), margin in zip(sides, margins, strict=True)
    ]
    padded = np.pad(picture, (*margins, (0, 0)))
    rows, columns = np.divmod(_chosen(counts[0] * counts[1], at_most), counts[1])
    taken = [
        padded[rows * strides[0] + i * rates[0], columns * strides[1] + j * rates[1]]
        for i in range(window[0])
        for j in range(window[1])
    ]
    return np.stack(taken, axis=1)


def _pair(node: NodeDef, name: str) -> tuple[int, int]:
    values = list(node.attr[name].list.i)
    return (values[1], values[2]) if len(values) == 4 else (1, 1)


def _margins(size: int, stride: int, span: int) -> tuple[int, int]:
    """TensorFlow's SAME padding of one side."""
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def _chosen(count: int, at_most: int) -> NDArray[np.intp]:
    if count <= at_most:
        return np.arange(count)
    return np.sort(np.random.default_rng(count).choice(count, at_most, replace=False))
