"""The 256 values that a tensor can take."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.quantization import Range

LEVELS = 255
_LEAST = 1e-8
"""Of a scale, where a tensor is always zero."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """value = (code - zero_point) * scale, with codes 0..255."""

    scale: float
    zero_point: int

    @property
    def smallest(self) -> float:
        """The value of code 0."""
        return -self.zero_point * self.scale

    @property
    def largest(self) -> float:
        """The value of code 255."""
        return (LEVELS - self.zero_point) * self.scale

    @property
    def reach(self) -> Range:
        """The values of codes 0 and 255."""
        return self.smallest, self.largest

    def times(self, factor: float) -> "Grid":
        """The grid on which the same codes stand for `factor` times the values."""
        return Grid(scale=float(np.float32(self.scale * factor)), zero_point=self.zero_point)

    def within(self, smallest: float, largest: float) -> bool:
        """Whether clipping to these bounds changes no value of it by more than half a step."""
        half = self.scale / 2
        return self.smallest >= smallest - half and self.largest <= largest + half

    def codes(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The nearest codes of some values."""
        codes = np.rint(values / np.float32(self.scale)) + self.zero_point
        whole: NDArray[np.uint8] = np.clip(codes, 0, LEVELS).astype(np.uint8)
        return whole


def grid(span: Range) -> Grid:
    """The grid whose codes 0 and 255 stand for the ends of a range, moved so that one is zero."""
    low, high = min(span[0], 0.0), max(span[1], 0.0)
    scale = max((high - low) / LEVELS, _LEAST)
    zero_point = int(np.clip(np.rint(-low / scale), 0, LEVELS))
    return Grid(scale=float(np.float32(scale)), zero_point=zero_point)
