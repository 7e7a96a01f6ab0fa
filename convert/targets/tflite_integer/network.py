"""A TFLite file as tensors and operators that can be changed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.quantization import Range


@dataclass(frozen=True, eq=False)
class Steps:
    """Affine quantization (Jacob et al., arXiv:1712.05877): value = (code - zero_point) * scale."""

    scale: NDArray[np.float32]
    """[1], or one for each place of `axis`; then the zero point is 0."""
    zero_point: int = 0
    axis: int = 0

    def quantized(self, values: NDArray[Any]) -> NDArray[np.int8]:
        """The nearest int8 codes of values (per tensor only), clipped."""
        codes = np.floor(values.astype(np.float64) / float(self.scale[0]) + 0.5) + self.zero_point
        clipped: NDArray[np.int8] = np.clip(codes, -128, 127).astype(np.int8)
        return clipped

    def times(self, factor: float) -> "Steps":
        """The same codes, standing for `factor` times the values."""
        return replace(self, scale=(self.scale * np.float32(factor)).astype(np.float32))

    @property
    def reach(self) -> Range:
        """The values of the int8 codes -128 and 127 (per tensor only)."""
        low, high = ((code - self.zero_point) * float(self.scale[0]) for code in (-128, 127))
        return low, high


@dataclass(eq=False)
class Tensor:
    """A tensor of the file; a constant where it has data."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    data: NDArray[Any] | None = None
    steps: Steps | None = None

    @property
    def moves(self) -> bool:
        """Whether it is a float32 activation."""
        return self.data is None and self.dtype == "float32"


@dataclass(eq=False)
class Op:
    """An operator; `kind` is its BuiltinOperator's name, or the name of a custom one."""

    kind: str
    inputs: list[Tensor | None]
    outputs: list[Tensor]
    options: Any = None
    """The schema's options object (Conv2DOptionsT ...), or the bytes of a custom operator's."""
    version: int = 1

    @property
    def out(self) -> Tensor:
        """Its first output."""
        return self.outputs[0]


@dataclass(eq=False)
class Network:
    """The operators in order, and the file's ends by their names in its signature."""

    ops: list[Op]
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    key: str = "serving_default"
    tensors: tuple[Tensor, ...] = ()
    """All of the file that was read, by their indices there."""

    def readers(self) -> dict[Tensor, list[Op]]:
        """The operators that read each tensor."""
        found: dict[Tensor, list[Op]] = {}
        for op in self.ops:
            for tensor in dict.fromkeys(op.inputs):
                if tensor is not None:
                    found.setdefault(tensor, []).append(op)
        return found

    def makers(self) -> dict[Tensor, Op]:
        """The operator that gives each tensor."""
        return {tensor: op for op in self.ops for tensor in op.outputs}
