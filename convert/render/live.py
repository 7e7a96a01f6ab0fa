"""A run while it works: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from convert.progress import Progress, Tick
from convert.render.console import duration, err, size


@contextmanager
def live_progress(title: str, expected: float | None = None) -> Iterator[Progress]:
    """A Progress that shows itself; `expected` is how many seconds the whole may take."""
    if not err().is_terminal:
        yield _Lines(title)
        return
    board = _Board(title, expected)
    with Live(get_renderable=board.render, console=err(), refresh_per_second=8, transient=True):
        yield board


class _Lines:
    """One plain line for each thing that begins or ends."""

    def __init__(self, title: str) -> None:
        self._title = title

    def say(self, text: str) -> None:
        err().print(escape(text), soft_wrap=True)

    def stage(self, variant: str, stage: str) -> None:
        if stage != "waiting":
            err().print(escape(f"{variant or self._title}: {stage}"), soft_wrap=True)

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        count = _Count(label=label, total=total, unit=unit)
        yield count.add
        err().print(escape(f"{label}: {count.summary()}"), soft_wrap=True)


@dataclass(kw_only=True)
class _Count:
    """Counted work under way."""

    label: str
    total: int | None
    unit: str
    done: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, amount: int = 1) -> None:
        self.done += amount

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self.started, 1e-6)

    def _amount(self, count: float) -> str:
        return size(count) if self.unit == "B" else f"{count:.0f}"

    def rate(self) -> str:
        """How much a second."""
        rate = self.done / self.seconds
        return f"{size(rate)}/s" if self.unit == "B" else f"{rate:.1f} {self.unit}/s"

    def summary(self) -> str:
        """What was done, in all."""
        unit = "" if self.unit == "B" else f" {self.unit}"
        return f"{self._amount(self.done)}{unit} in {duration(self.seconds)} ({self.rate()})"

    def now(self) -> str:
        """How far it is, how fast, and how long it will take."""
        of = f"/{self._amount(self.total)}" if self.total else ""
        text = f"{self._amount(self.done)}{of} {'' if self.unit == 'B' else self.unit}"
        left = self._left()
        return f"{text.strip()}  {self.rate()}{f'  {left}' if left else ''}"

    def _left(self) -> str:
        if not self.total or not self.done or self.done >= self.total:
            return ""
        return f"{duration(self.seconds * (self.total - self.done) / self.done)} left"


@dataclass(kw_only=True)
class _Row:
    """One variant's line."""

    stage: str
    began: float = field(default_factory=time.monotonic)
    spent: float = 0.0


_STYLES = {"published": "green", "refused": "red", "failed": "red", "waiting": "dim"}


class _Board:
    """The live table: which variant is at which stage, and how far."""

    def __init__(self, title: str, expected: float | None) -> None:
        self._title, self._expected = title, expected
        self._started = time.monotonic()
        self._rows: dict[str, _Row] = {}
        self._counts: dict[str, _Count] = {}
        self._whole = ""
        self._lock = Lock()

    def say(self, text: str) -> None:
        err().print(escape(text), soft_wrap=True)

    def stage(self, variant: str, stage: str) -> None:
        with self._lock:
            if variant:
                self._rows[variant] = _Row(stage=stage)
            else:
                self._whole = stage

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        count = _Count(label=label, total=total, unit=unit)
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
            rows, counts = dict(self._rows), dict(self._counts)
        table = Table(box=None, pad_edge=False, show_header=False)
        for name, row in rows.items():
            mine = [counts.pop(label) for label in list(counts) if label.split()[0] == name]
            style = _STYLES.get(row.stage, "bold")
            spent = "" if row.stage in _STYLES else duration(time.monotonic() - row.began)
            table.add_row(name, Text(row.stage, style), spent, "  ".join(c.now() for c in mine))
        for label, count in counts.items():
            table.add_row(label, Text("", ""), "", count.now())
        return Group(table, Text(self._footer(), "dim"))

    def _footer(self) -> str:
        elapsed = time.monotonic() - self._started
        usual = f", about {duration(self._expected)} expected" if self._expected else ""
        stage = f" · {self._whole}" if self._whole and not self._rows else ""
        return f"{self._title}{stage} · {duration(elapsed)} elapsed{usual}"
