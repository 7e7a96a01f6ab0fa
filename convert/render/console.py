"""The two streams: results go to stdout, all else to stderr."""

import sys
from functools import cache

from pydantic import BaseModel, TypeAdapter
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table

_PIPE_WIDTH = 1000
"""A pipe has no width: what is narrower stays as it is."""


@cache
def out() -> Console:
    """Results."""
    return Console(highlight=False, width=_width(sys.stdout))


@cache
def err() -> Console:
    """Progress, plans and errors."""
    return Console(stderr=True, highlight=False, width=_width(sys.stderr))


def _width(stream: object) -> int | None:
    return None if getattr(stream, "isatty", lambda: False)() else _PIPE_WIDTH


def roomy(columns: int = 96) -> bool:
    """Whether results have room for all of a table of so many columns."""
    return out().width >= columns


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table without a frame, its columns `right` aligned to the right; none is ever broken."""
    made = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1 if roomy() else 0, 0, 0),
        header_style="bold",
        border_style="dim",
    )
    for title in columns:
        made.add_column(title, justify="right" if title in right else "left", no_wrap=True)
    return made


def show(made: RenderableType) -> None:
    """On stdout; a pipe gets no blanks at the ends of lines."""
    if out().is_terminal:
        out().print(made)
        return
    with out().capture() as capture:
        out().print(made)
    out().file.writelines(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    if isinstance(value, BaseModel):
        text = value.model_dump_json(indent=1)
    else:
        text = TypeAdapter(type(value)).dump_json(value, indent=1).decode()
    out().file.write(text + "\n")


def size(count: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} GB"


def duration(seconds: float) -> str:
    """A duration as people read it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"
