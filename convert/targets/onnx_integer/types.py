"""Which eight-bit types a file has: those that the machine at hand is fast and right with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.machine import INT8_DOT_PRODUCTS


@dataclass(frozen=True, kw_only=True)
class Types:
    """The types of a file. Activations are uint8 in all of them."""

    name: str
    """As ONNX Runtime's documentation calls it: U8S8 or U8U8."""
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"

    @property
    def offset(self) -> int:
        """What is added to a kernel's int8 codes: its zero point."""
        return 128 if self.name == "U8U8" else 0

    def stored(self, codes: NDArray[np.int8]) -> NDArray[Any]:
        """The codes of a kernel as the file holds them."""
        return (codes.astype(np.int16) + self.offset).astype(np.uint8 if self.offset else np.int8)


def choose_types(instructions: Sequence[str]) -> Types:
    """The types for a machine with these instruction sets (`convert.machine.instructions()`).

    U8S8 is the fastest wherever bytes are multiplied and added in one instruction. x86 before
    that adds two products in 16 bits, which u8 x s8 overflows: it then saturates in silence,
    and u8 x u8, which takes another road, is right.
    """
    fast = [name for name in INT8_DOT_PRODUCTS if name in instructions]
    if fast:
        return Types(name="U8S8", reason=f"{fast[0]} multiplies and adds bytes exactly")
    if "avx2" in instructions:
        return Types(name="U8U8", reason="without VNNI, u8 x s8 saturates in ONNX Runtime on x86")
    return Types(name="U8S8", reason="no instruction set is known here that would saturate")
