"""What libraries write to this process's streams, kept away from what convert says there."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from convert.errors import ConvertError
from convert.render.console import err

_LAST_WORDS = 4000
"""How much of it is shown after a bug, in bytes."""


@contextmanager
def alone() -> Iterator[None]:
    """While the block runs, only `err()` reaches stderr and nothing reaches stdout.

    Converters log to both, also from C++: in the middle of a live table or of a JSON document
    that is garbage. It is dropped, unless a bug ends the block: then its end is shown.
    """
    if not _is_real(sys.stdout) or not _is_real(sys.stderr):
        yield
        return
    with tempfile.TemporaryFile() as words:
        try:
            with _redirected(words):
                yield
        except (ConvertError, KeyboardInterrupt, OSError):
            raise
        except Exception:  # a bug: what the tools said last helps to find it
            _show_end(words)
            raise


def _is_real(stream: TextIO) -> bool:
    """Whether a stream writes to a file of the operating system; a test's may not."""
    try:
        return stream.fileno() in (1, 2)
    except (AttributeError, OSError):
        return False


@contextmanager
def _redirected(words: BinaryIO) -> Iterator[None]:
    """Point the descriptors of stdout and stderr at a file, and `err()` at the real stderr."""
    _flush()
    stdout, stderr = os.dup(1), os.dup(2)
    with open(stderr, "w", buffering=1, encoding=sys.stderr.encoding, errors="replace") as terminal:
        err().file = terminal
        for descriptor in (1, 2):
            os.dup2(words.fileno(), descriptor)
        try:
            yield
        finally:
            _flush()
            os.dup2(stdout, 1)
            os.dup2(stderr, 2)
            os.close(stdout)
            err().file = sys.stderr


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _show_end(words: BinaryIO) -> None:
    size = words.seek(0, os.SEEK_END)
    words.seek(max(0, size - _LAST_WORDS))
    sys.stderr.write(words.read().decode(errors="replace"))
