"""The two streams: results go to stdout, all else to stderr."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TextIO

from pydantic import BaseModel, TypeAdapter
from rich.console import Console


@cache
def out() -> Console:
    """Results."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=_width(sys.stdout))


@cache
def err() -> Console:
    """Progress, plans and errors."""
    return Console(file=_own_stderr(), highlight=False, width=_width(sys.stderr))


def _own_stderr() -> TextIO:
    """A way to stderr of our own: descriptor 2 leads nowhere while C++ code would log to it."""
    try:
        return os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1, encoding="utf-8")
    except (OSError, ValueError):  # a test or an application put something else in its place
        return sys.stderr


def _width(stream: object) -> int | None:
    """A pipe has no width: tables keep theirs."""
    return None if getattr(stream, "isatty", lambda: False)() else 160


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    if isinstance(value, BaseModel):
        text = value.model_dump_json(indent=1)
    else:
        text = TypeAdapter(type(value)).dump_json(value, indent=1).decode()
    out().file.write(text + "\n")


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show that something of unknown length goes on, where somebody looks."""
    if not err().is_terminal:
        yield
        return
    with err().status(label):
        yield


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
