"""The command line: parse, call, render."""

import os
import signal
import sys
from io import TextIOWrapper
from types import FrameType
from typing import TextIO

from convert.cli import apps, audit, bring, eight, hand_on, look, measure, road, web
from convert.cli.app import app
from convert.pipeline.stoppable import interrupted

__all__ = [
    "app", "apps", "audit", "bring", "eight", "hand_on", "look", "main", "measure", "road", "web",
]  # fmt: skip


def main() -> None:
    """The console script."""
    # A run that is ended politely clears up as after Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # Started with a closed stream, or in a locale that has no letter for what is said.
    sys.stdout, sys.stderr = (stream or _nowhere() for stream in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


def _interrupt(number: int, frame: FrameType | None) -> None:
    interrupted.set()
    raise KeyboardInterrupt


def _nowhere() -> TextIO:
    return open(os.devnull, "w")  # for as long as the process lives
