"""What a trace is: a loaded model file that shows every tensor it computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from convert.signature import TensorSpec

Values = NDArray[np.float32]
"""A tensor in real units, in its file's own shape and layout."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A floating or quantized tensor that depends on the picture."""

    name: str
    """The tensor's, in its file."""
    key: str
    """The name without what its file's format adds: what other formats call it too."""
    op: str
    """What computes it; "input" of the picture."""
    reads: tuple[str, ...]
    """Names of the tensors that its operator reads, constants among them."""


class Trace(Protocol):
    """A file, run on the processor without delegates and fusions of its runtime's own."""

    @property
    def input(self) -> TensorSpec:
        """The picture; its shape may be free."""
        ...

    @property
    def ends(self) -> Mapping[str, str]:
        """What the file's signature calls an output -> the tensor's name."""
        ...

    @property
    def layers(self) -> tuple[Layer, ...]:
        """In an order of computation, the input first."""
        ...

    @property
    def makers(self) -> Mapping[str, Layer]:
        """What computes each tensor that depends on the picture, by the tensor's name.

        Also of those that are no layers, since they pass something on or hold stored integers.
        """
        ...

    @property
    def ops(self) -> Mapping[str, int]:
        """How often each operator stands in the file."""
        ...

    def run(self, picture: Values) -> dict[str, Values]:
        """Every layer's values by name, of a prepared picture float32 [1, H, W, 3]."""
        ...

    def constant(self, name: str) -> Values | None:
        """A constant in real units, also behind operators that only unfold it.

        None of what moves with the picture, and of plain integers such as shapes and paddings.

        May need a `run` before.
        """
        ...


def real(value: NDArray[Any], scales: NDArray[Any], zeros: NDArray[Any], axis: int) -> Values:
    """Stored integers as real values; `scales` and `zeros` are of the whole or along an axis."""
    if not scales.size:
        return value.astype(np.float32)
    shape = [1] * value.ndim
    if scales.size > 1:
        shape[axis] = scales.size
    scale, zero = scales.astype(np.float64).reshape(shape), zeros.reshape(shape)
    return np.asarray((value.astype(np.float64) - zero) * scale, np.float32)
