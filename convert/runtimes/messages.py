"""What the bench and its worker processes say to each other, one JSON line each way."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from convert.signature import Signature
from convert.vocabulary import Record


class Open(Record):
    """Load a file on a runtime, with seeded random inputs in -1..1 in place."""

    do: Literal["open"] = "open"
    runtime: str
    path: str
    signature: Signature
    threads: int = Field(gt=0)
    seed: int = 0
    inputs: dict[str, str] = Field(default_factory=dict)
    """Paths of .npy files (float32, NHWC) by input name, instead of random values."""


class WarmUp(Record):
    """Run at least so often, and until the times are stable."""

    do: Literal["warm_up"] = "warm_up"
    least: int = Field(default=10, ge=10)


class Time(Record):
    """Run so often, and say how long each run took."""

    do: Literal["time"] = "time"
    runs: int = Field(gt=0)


class Opened(Record):
    """What the runtime made of the file."""

    answer: Literal["opened"] = "opened"
    threads: int
    delegated_ops: int | None
    total_ops: int | None


class Timed(Record):
    """The seconds of each run, and the most memory that the process has held, in MB (10^6 B)."""

    answer: Literal["timed"] = "timed"
    seconds: tuple[float, ...]
    peak_rss_mb: float


class Broken(Record):
    """The RuntimeFailure that a request ended in."""

    answer: Literal["broken"] = "broken"
    message: str


Request = Open | WarmUp | Time
Answer = Opened | Timed | Broken

REQUESTS: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="do")])
ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="answer")])
