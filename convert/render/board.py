"""The live table: which variant is at which stage, how far, and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from convert.progress import Tick
from convert.render.console import duration
from convert.render.counting import Count

_STAGES = ("convert", "verify", "bench")
_ENDS = {"published": "green", "refused": "red", "failed": "red"}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@dataclass(kw_only=True)
class _Row:
    """One variant: the stages it has been through with their seconds, and the one it is in."""

    spent: dict[str, float] = field(default_factory=dict)
    stage: str | None = None
    began: float = 0.0
    end: str = ""

    def enter(self, stage: str) -> None:
        """Leave the stage it is in, for another, for none (`waiting`) or for good."""
        now = time.monotonic()
        if self.stage:
            self.spent[self.stage] = self.spent.get(self.stage, 0.0) + now - self.began
        self.end = stage if stage in _ENDS else ""
        self.stage = None if stage == "waiting" or self.end else stage
        self.began = now

    def cell(self, stage: str, count: Count | None) -> Text:
        """How a stage stands."""
        if stage == self.stage:
            seconds = self.spent.get(stage, 0.0) + time.monotonic() - self.began
            text = count.short() if count else duration(seconds)
            return Text.assemble((_turning(), "cyan"), " ", text)
        if stage in self.spent:
            return Text.assemble(("✓", "green"), " ", (duration(self.spent[stage]), "dim"))
        return Text("·", "dim")

    def last(self) -> Text:
        """How it ended, or what it is at that has no column."""
        if self.stage and self.stage not in _STAGES:
            return Text.assemble((_turning(), "cyan"), " ", self.stage)
        return Text(self.end, _ENDS.get(self.end, ""))


class Board:
    """A Progress that can be drawn."""

    def __init__(self, title: str, expected: float | None, console: Console) -> None:
        """`expected` is how many seconds the whole may take; `console` is what it is drawn on."""
        self._title, self._expected, self._console = title, expected, console
        self._started = time.monotonic()
        self._rows: dict[str, _Row] = {}
        self._counts: dict[str, Count] = {}
        self._whole = ""
        self._announced = False
        """Whether rows were there before their work: all stages then have their column at once."""
        self._lock = Lock()

    def say(self, text: str) -> None:
        """A line that stays, above the table."""
        self._console.print(text, soft_wrap=True, markup=False)

    def stage(self, variant: str, stage: str) -> None:
        """A variant, or the whole, enters a stage."""
        with self._lock:
            if not variant:
                self._whole = stage
                return
            waits = stage == "waiting"
            self._announced |= waits and variant not in self._rows
            self._rows.setdefault(variant, _Row()).enter(stage)
            self._whole = self._whole if waits else ""

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        """Count in the row that the label begins with, or in a line below."""
        count = Count(label=label, total=total, unit=unit)
        with self._lock:
            self._counts[label] = count
        try:
            yield count.add
        finally:
            with self._lock:
                self._counts.pop(label, None)

    def render(self) -> RenderableType:
        """The table as it is now."""
        with self._lock:
            mine = {c.owner: c for c in self._counts.values() if c.owner in self._rows}
            others = [c for c in self._counts.values() if c.owner not in self._rows]
            parts = [self._table(mine)] if self._rows else []
            return Group(*parts, *map(_bar, others), self._footer())

    def _table(self, counts: dict[str, Count]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        stages = [s for s in _STAGES if self._announced or self._entered(s)]
        for title in ("", *stages, ""):
            table.add_column(title, no_wrap=True, min_width=11 if title else 0)
        for name, row in sorted(self._rows.items(), key=lambda item: item[0] != "reference"):
            cells = (row.cell(stage, counts.get(name)) for stage in stages)
            table.add_row(name, *cells, row.last())
        return table

    def _entered(self, stage: str) -> bool:
        return any(row.stage == stage or stage in row.spent for row in self._rows.values())

    def _footer(self) -> Text:
        elapsed = duration(time.monotonic() - self._started)
        expected = f" of about {duration(self._expected)}" if self._expected else ""
        text = Text.assemble((self._title, "bold"), (f"  {elapsed}{expected}", "dim"))
        if self._whole:
            text.append_text(Text.assemble("  ", (_turning(), "cyan"), f" {self._whole}"))
        return text


def _bar(count: Count) -> RenderableType:
    line = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        line.add_column(no_wrap=True)
    bar = ProgressBar(total=count.total, completed=count.done, width=16, pulse=not count.total)
    line.add_row(count.label, bar, count.long())
    return line


def _turning() -> str:
    return _SPINNER[int(time.monotonic() * 10) % len(_SPINNER)]
