"""What goes into a model file and what comes out: names, dtypes, shapes, layouts, quantization."""

from convert.vocabulary import DType, Layout, Record


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
