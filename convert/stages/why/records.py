"""What an explanation says, as records."""

from convert.vocabulary import Record, Scheme, Target


class RoofFacts(Record):
    """What one thread of this machine was seen to do at best, in 10^9 a second."""

    float_macs: float
    """float32 multiply-adds, of a product of matrices."""
    byte_macs: float
    """Multiply-adds of uint8 by int8, summed in int32."""
    bandwidth: float
    """Bytes read and written, on buffers of `buffer_bytes`."""
    buffer_bytes: int


class Bound(Record):
    """The least time that the roofs allow, in ms: each operator by its own scarcer resource."""

    least_ms: float
    compute_ms: float
    memory_ms: float


class OpGroup(Record):
    """Operators of one kind that are run alike."""

    kind: str
    count: int
    taken: bool
    eight_bits: bool
    macs: int
    bytes: int
    ms: float | None


class Why(Record):
    """What a published variant's time is made of."""

    path: str
    variant: str
    runtime: str
    target: Target
    scheme: Scheme
    bytes: int
    """Of the file on disk."""
    ms: float | None
    """The fastest run with one thread; None where it could not be timed."""
    untimed: str = ""
    """Why it was not timed."""
    ratio_to_float32: float | None
    """Against the target's float32, timed in the same rounds; None where it was not among them."""
    load: float | None
    macs: int
    macs_in_eight_bits: int
    weight_bytes: int
    activation_bytes: int
    groups: tuple[OpGroup, ...]
    conversions: int
    """Operators that only turn float32 to whole numbers or back."""
    roof: RoofFacts
    bound: Bound
    advice: str

    @property
    def share(self) -> float:
        """Which part of its time the roofs account for."""
        return self.bound.least_ms / self.ms if self.ms else 0.0

    @property
    def untaken(self) -> tuple[OpGroup, ...]:
        """What the fast kernels do not run."""
        return tuple(group for group in self.groups if not group.taken)
