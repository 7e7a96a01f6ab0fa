"""Child processes that are talked to in lines, under a time limit, and never outlive their use."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import convert
from convert.errors import ToolError

_LAST_WORDS = 2000
"""How much of a child's stderr an error quotes, in bytes."""


def python_module(module: str) -> list[str]:
    """The command that runs a module of convert with this Python."""
    # -P keeps a user's `numpy.py` in the working folder from being imported.
    return [sys.executable, "-P", "-m", module]


class Child:
    """One child process, without a shell; `close` it in a `finally`.

    Ctrl-C reaches only the parent, whose exception then closes the child. A child whose parent
    was killed reads the end of its stdin.
    """

    def __init__(self, command: Sequence[str]) -> None:
        """Start `command` in the working folder, able to import this very convert package."""
        self._command = command
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # `close` closes it
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            encoding="utf-8",
            env=_environment(),
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Kill the child with its group, and wait until it is gone."""
        self.kill()
        self._stderr.close()

    def ask(self, line: str, *, seconds: float) -> str:
        """Send one line, and wait for the line that answers it.

        Raises ToolError, with the child's last words, where it ended or the time is over.
        """
        assert self._process.stdin
        with suppress(BrokenPipeError):  # it has ended: the missing answer says so
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        try:
            answer = self._lines.get(timeout=seconds)
        except queue.Empty:
            self.kill()
            raise ToolError(f"{self._name()} gave no answer in {seconds:g} s") from None
        if answer is None:
            raise ToolError(f"{self._name()} {self._end()}{self._last_words()}")
        return answer

    def kill(self) -> None:
        """End the child and its group at once; nothing where it has ended."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                _kill_group(self._process)
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _name(self) -> str:
        return " ".join([Path(self._command[0]).name, *self._command[1:]])

    def _end(self) -> str:
        code = self._process.wait()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    def _last_words(self) -> str:
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _LAST_WORDS))
        words = self._stderr.read().decode(errors="replace").strip()
        return f": {words}" if words else ""


def _environment() -> dict[str, str]:
    """The environment of this process, in which a child finds the same convert package."""
    home = str(Path(convert.__file__).parent.parent)
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, known)))}


def _kill_group(process: subprocess.Popen[str]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
