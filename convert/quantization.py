"""What was decided of a core for eight bits, the same for every target that computes so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_NEARLY = 1e-3
"""Of a step: what float32 cannot tell from a half is taken for one."""

Range = tuple[float, float]
"""The smallest and the largest value that eight bits should hold; smallest <= 0 <= largest."""


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """A kernel in eight bits, symmetric and per output channel: value = code * scale.

    Codes are int8 in -127..127 in TensorFlow's layout (HWIO; HWCM for depthwise; IO for MatMul),
    scales float32 [O] (depthwise: [C * M]).
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    depthwise: bool = False

    @property
    def values(self) -> NDArray[np.float32]:
        """What it stands for, float32 in the layout of the codes."""
        scales = self.scales.reshape(self.codes.shape[2:]) if self.depthwise else self.scales
        return (self.codes.astype(np.float32) * scales).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Everything about a core that an integer file is written from.

    The core's own kernels already hold `kernels[name].values`, and its biases are refitted, so a
    float32 file of the same core has these very weights.
    """

    kernels: Mapping[str, Kernel]
    """By the Const node that the convolution reads."""
    ranges: Mapping[str, Range]
    """Of what a node gives, by its name; also of the input. Every float node has one."""
    kept_float: frozenset[str] = field(default_factory=frozenset)
    """Layers (names of Conv2D, DepthwiseConv2dNative, MatMul ... nodes) and other nodes (Add, Mean
    ...) that stay in floating point, with weights in half precision where the target can."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A kernel that is kept in eight bits and computed with in float32, as tfjs does.

    Value = (code * scale + minimum) * channel_scales, the last only where they are there; codes are
    uint8 in TensorFlow's layout of the kernel, `channel_scales` float32 in a shape that broadcasts.
    """

    codes: NDArray[np.uint8]
    scale: float
    minimum: float
    channel_scales: NDArray[np.float32] | None = None

    @property
    def values(self) -> NDArray[np.float32]:
        """What it stands for, as JavaScript computes it: in float64, rounded to float32."""
        plain = (self.codes.astype(np.float64) * self.scale + self.minimum).astype(np.float32)
        return plain if self.channel_scales is None else plain * self.channel_scales


@dataclass(frozen=True, kw_only=True)
class Storage:
    """What a file that only stores in eight bits is written from; the core's kernels hold it."""

    kernels: Mapping[str, Stored]
    """By the Const node that the convolution reads."""


def nearest_codes(
    values: NDArray[np.float32], scale: float, zero_point: int
) -> NDArray[np.float64]:
    """The whole numbers that stand for values, not yet clipped; a half goes down.

    Pixels brought to -1..1 all lie halfway between two codes, as 0 has to be one. Rounded down,
    each is its own code (zero point 128), and a picture's bytes are the tensor.
    """
    steps = values.astype(np.float64) / scale + zero_point
    return np.asarray(np.ceil(steps - 0.5 - _NEARLY))
