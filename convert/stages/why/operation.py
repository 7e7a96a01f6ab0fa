"""One operator of a file, as work: multiply-adds, bytes, and who runs it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What running one operator once takes."""

    kind: str
    macs: int
    weight_bytes: int
    """Of the constants that it reads."""
    activation_bytes: int
    """Of the tensors that it reads and writes."""
    eight_bits: bool
    """Whether it computes on whole numbers of eight bits."""
    converts: bool
    """Whether it only turns float32 to whole numbers or back."""
    taken: bool = True
    """Whether the runtime's fast kernels run it (XNNPACK's, of LiteRT)."""
    ms: float | None = None
    """Its own time, where the runtime tells it."""

    @property
    def bytes(self) -> int:
        """All that it moves, each tensor once."""
        return self.weight_bytes + self.activation_bytes
