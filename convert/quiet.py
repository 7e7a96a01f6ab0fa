"""Keep what C++ code logs off standard error, where progress is shown."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import RLock

_STDERR = RLock()
"""Held while stderr leads nowhere: of two threads, the second would keep the first's nowhere."""


@contextmanager
def quiet() -> Iterator[None]:
    """Let file descriptor 2 lead nowhere; what the renderer writes does not go through it."""
    with _STDERR, ExitStack() as stack:
        with suppress(OSError):  # stderr may be closed
            kept = os.dup(2)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, 2)
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
        yield
