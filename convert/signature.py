"""What goes into a model file and what comes out: names, dtypes, shapes, layouts, quantization."""

import numpy as np
from numpy.typing import NDArray

from convert.vocabulary import DType, Layout, Record

_NEARLY = 1e-3
"""Of a step: what float32 cannot tell from a half is taken for one."""


class Quantization(Record):
    """Affine parameters of an integer tensor: real = (integer - zero_point) * scale."""

    scale: float
    zero_point: int


class TensorSpec(Record):
    """One input or output; `None` in the shape is a free dimension."""

    name: str
    dtype: DType
    shape: tuple[int | None, ...]
    layout: Layout | None = None
    """The order of a rank-4 picture-like tensor; None where it has no such meaning."""
    quantization: Quantization | None = None


class Signature(Record):
    """The inputs and outputs of a model, in the order its file keeps them."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def nearest_codes(
    values: NDArray[np.float32], scale: float, zero_point: int
) -> NDArray[np.float64]:
    """The whole numbers that stand for values, not yet clipped; a half goes down.

    Pixels brought to -1..1 all lie halfway between two codes, as 0 has to be one. Rounded down,
    each is its own code (zero point 128), and a picture's bytes are the tensor.
    """
    steps = values.astype(np.float64) / scale + zero_point
    return np.asarray(np.ceil(steps - 0.5 - _NEARLY))
