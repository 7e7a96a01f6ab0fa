"""Long work as it goes: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.markup import escape

from convert.progress import Progress, Tick
from convert.render.board import Board
from convert.render.console import err
from convert.render.counting import Count
from convert.render.streams import alone

_FRAMES_A_SECOND = 8


@contextmanager
def live_progress(title: str, expected: float | None = None) -> Iterator[Progress]:
    """A Progress that shows itself; `expected` is how many seconds the whole may take."""
    with alone():
        if not _can_redraw():
            yield _Lines(title)
            return
        board = Board(title, expected, err())
        with Live(
            get_renderable=board.render,
            console=err(),
            refresh_per_second=_FRAMES_A_SECOND,
            transient=True,
            # `alone` keeps them away already.
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield board


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show that something of unknown length goes on, where somebody looks."""
    with alone():
        if not _can_redraw():
            yield
            return
        with err().status(escape(label)):
            yield


def _can_redraw() -> bool:
    return err().is_terminal and not err().is_dumb_terminal


class _Lines:
    """One plain line for each thing that begins or ends, with the seconds since the start."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = time.monotonic()
        self._stages: dict[str, str] = {}

    def say(self, text: str) -> None:
        seconds = time.monotonic() - self._started
        err().print(f"{seconds:7.1f} s  {text}", soft_wrap=True, markup=False)

    def stage(self, variant: str, stage: str) -> None:
        if stage != "waiting" and self._stages.get(variant) != stage:
            self._stages[variant] = stage
            self.say(f"{variant or self._title}: {stage}")

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        count = Count(label=label, total=total, unit=unit)
        yield count.add
        self.say(f"{label}: {count.summary()}")
