"""A window that slides over a map: kernel, strides, dilations and padding, in both tongues."""

from dataclasses import dataclass, replace
from typing import Any

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Node
from convert.sources.onnx.value import Tensor

Pair = tuple[int, int]
Size = tuple[int | None, int | None]


@dataclass(frozen=True, kw_only=True)
class Window:
    """Each of two numbers is of height and width; padding is (before, after)."""

    size: Size
    """Of the map, None where it is free."""
    kernel: Pair
    strides: Pair
    dilations: Pair
    padding: tuple[Pair, Pair]
    same: bool = False
    """Whether the padding is TensorFlow's SAME, whatever the size."""

    @property
    def extent(self) -> Pair:
        """How many rows and columns the dilated kernel covers."""
        high, wide = ((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=True))
        return high, wide

    @property
    def name(self) -> str | None:
        """TensorFlow's word for the padding, None where it has none."""
        if self.same:
            return "SAME"
        if self.padding == ((0, 0), (0, 0)):
            return "VALID"
        wanted = [_same(*axis) for axis in zip(self.size, self.extent, self.strides, strict=True)]
        return "SAME" if wanted == list(self.padding) else None


def _same(size: int | None, extent: int, stride: int) -> Pair | None:
    """The padding by which TensorFlow's SAME goes over one axis; None where the size decides."""
    if size is None and stride > 1:
        return None
    total = extent - 1 if size is None else (-(-size // stride) - 1) * stride + extent - size
    return max(total, 0) // 2, max(total, 0) - max(total, 0) // 2


def window(node: Node, size: Size, kernel: Pair) -> Window:
    """The window of a Conv or pooling node. Raises UnsupportedError."""
    strides, dilations = (tuple(node.attribute(name, (1, 1))) for name in ("strides", "dilations"))
    top, left, bottom, right = node.attribute("pads", (0, 0, 0, 0))
    made = Window(
        size=size,
        kernel=kernel,
        strides=strides,
        dilations=dilations,
        padding=((top, bottom), (left, right)),
    )
    if min(top, left, bottom, right) < 0:
        raise node.refuse("its padding is negative")
    auto = node.attribute("auto_pad", "NOTSET")
    if auto == "SAME_UPPER":
        return replace(made, same=True)
    return _lower(node, made) if auto == "SAME_LOWER" else made


def _lower(node: Node, made: Window) -> Window:
    """SAME with the odd one of the padding before, not after."""
    pairs = [_same(*axis) for axis in zip(made.size, made.extent, made.strides, strict=True)]
    high, wide = pairs
    if high is None or wide is None:
        raise node.refuse("auto_pad is SAME_LOWER and the map's size is free")
    return replace(made, padding=(high[::-1], wide[::-1]))


def padded(image: Tensor, made: Window, value: float = 0.0) -> tuple[Tensor, str]:
    """The map, padded where TensorFlow has no word for it, and the word for the rest."""
    if made.name:
        return image, made.name
    amounts: list[Any] = [(0, 0), *made.padding, (0, 0)]
    return tensorflow().pad(image, amounts, constant_values=value), "VALID"


def spatial(image: Tensor) -> Size:
    """Height and width of an NHWC map."""
    height, width = image.shape[1:3].as_list()
    return height, width
