"""What a suite found: cells of rows, and what could not be measured and why."""

from typing import Literal

from convert.machine import Machine
from convert.report import Latency
from convert.vocabulary import Record, Scheme

Writer = Literal["ours", "converter"]
"""Who wrote the file: convert, or tensorflowjs_converter from the same frozen graph."""


class Cell(Record):
    """One file on one runtime: its times, or whether it answers right, or why neither."""

    runtime: str
    scheme: Scheme
    writer: Writer = "ours"
    bytes: int = 0
    latency: Latency | None = None
    right: bool | None = None
    """Whether it answers as its native runtime does; only asked where times would say nothing."""
    error: str | None = None


class Row(Record):
    """One model."""

    title: str
    recipe: str
    cells: tuple[Cell, ...] = ()

    def cell(self, runtime: str, scheme: Scheme, writer: Writer = "ours") -> Cell | None:
        """The one there is of that file and runtime."""
        wanted = (runtime, scheme, writer)
        return next((c for c in self.cells if (c.runtime, c.scheme, c.writer) == wanted), None)

    def ms(self, runtime: str, scheme: Scheme = "float32", writer: Writer = "ours") -> float | None:
        """Its fastest run: what else a machine does only adds to it."""
        cell = self.cell(runtime, scheme, writer)
        return cell.latency.min_ms if cell and cell.latency else None

    def median(self, runtime: str, *, writer: Writer = "ours") -> float | None:
        """The median run of a float32 file."""
        cell = self.cell(runtime, "float32", writer)
        return cell.latency.p50_ms if cell and cell.latency else None


class Absent(Record):
    """A file that is not published here."""

    title: str
    variants: tuple[str, ...]
    command: str
    """What makes it."""


class Suite(Record):
    """All rows, with what they hold for."""

    suite: Literal["articles"] = "articles"
    convert_version: str
    machine: Machine
    runtimes: dict[str, str]
    """Name -> version, of those that could be measured."""
    lacking: dict[str, str]
    """Name -> why it could not be."""
    runs: int
    seconds: float
    """After which a page takes no more runs."""
    rows: tuple[Row, ...]
    absent: tuple[Absent, ...] = ()

    def row(self, recipe: str) -> Row | None:
        """The one of that recipe."""
        return next((row for row in self.rows if row.recipe == recipe), None)
