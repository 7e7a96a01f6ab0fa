"""What a run keeps: a JSON that the page is written from and a broken-off run goes on with."""

from pathlib import Path

from pydantic import Field

from convert.machine import Machine
from convert.store import write_text
from convert.vocabulary import Record, Target


class Cost(Record):
    """What making a file took, in a process of its own, imports and calibration with it."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    """The process's largest resident memory."""


class Row(Record):
    """One file and what it scored."""

    key: str = ""
    """The digest of all that decided the row: with another it is measured anew."""
    target: Target
    title: str
    ours: bool = False
    sha256: str | None = None
    bytes: int | None = None
    bytes_brotli: int | None = None
    value: float | None = None
    """The recipe's metric; `drop` is the reference's minus this, 0.01 = one point."""
    drop: float | None = None
    drop_ci95: tuple[float, float] | None = None
    agreement: float | None = None
    cost: Cost | None = None
    shares: str | None = None
    """The row whose decisions this file was written from; its cost holds them."""
    error: str | None = None


class Time(Record):
    """One inference, one thread."""

    p50_ms: float
    ratio: float | None = None
    """Least time over the least time of the same target's float32 file, in the same rounds."""


class Measured(Record):
    """All about one model."""

    metric: str
    dataset: str
    pictures: int
    calibration: int
    reference: float
    rows: dict[str, Row] = Field(default_factory=dict)
    ablation: dict[str, Row] = Field(default_factory=dict)
    times_key: str = ""
    times: dict[str, Time] = Field(default_factory=dict)


class Kept(Record):
    """A whole run."""

    date: str = ""
    machine: Machine | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    models: dict[str, Measured] = Field(default_factory=dict)


def load(path: Path) -> Kept:
    """What an earlier run kept, or nothing yet."""
    return Kept.model_validate_json(path.read_bytes()) if path.exists() else Kept()


def save(path: Path, kept: Kept) -> None:
    """Keep it: after every row, so that a run that is broken off loses one at most."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, kept.model_dump_json(indent=1) + "\n")
