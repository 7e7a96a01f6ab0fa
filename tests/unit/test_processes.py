"""A child process answers in time or says why not, and never outlives its use."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from convert.errors import ToolError
from convert.processes import Child

ECHO = "import sys\nfor line in sys.stdin: print(line.strip().upper(), flush=True)"


@pytest.fixture
def child() -> Iterator[Callable[[str], Child]]:
    """Starts a Python program."""
    started: list[Child] = []

    def start(program: str) -> Child:
        started.append(Child([sys.executable, "-c", program]))
        return started[-1]

    yield start
    for one in started:
        one.close()


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_every_line_gets_its_answer(child) -> None:
    echo = child(ECHO)
    assert [echo.ask(word, seconds=20) for word in ("one", "zwei", "trois é")] == [
        "ONE",
        "ZWEI",
        "TROIS É",
    ]


def test_a_child_that_ends_is_quoted(child) -> None:
    broken = child("import sys; sys.exit('no such model: x.tflite')")
    with pytest.raises(ToolError, match=r"ended with 1: no such model: x\.tflite"):
        broken.ask("open", seconds=20)


def test_a_child_that_crashes_is_named_with_its_signal(child) -> None:
    broken = child("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(ToolError, match="was ended by SIGSEGV"):
        broken.ask("open", seconds=20)


def test_a_child_that_hangs_is_ended_in_time(child) -> None:
    hanging = child("import time, os; print(os.getpid(), flush=True); time.sleep(600)")
    pid = int(hanging.ask("who?", seconds=20))
    start = time.monotonic()
    with pytest.raises(ToolError, match=r"no answer in 0\.3 s"):
        hanging.ask("and now?", seconds=0.3)
    assert time.monotonic() - start < 5
    assert gone(pid)


def test_a_child_that_floods_stderr_does_not_block(child) -> None:
    loud = child(
        "import sys\nsys.stderr.write('x' * 10_000_000)\nprint('done', flush=True)\ninput()"
    )
    assert loud.ask("go", seconds=30) == "done"


@pytest.mark.skipif(not os.path.exists("/proc"), reason="looks into /proc")
def test_its_own_children_end_with_it(child) -> None:
    program = (
        "import subprocess, sys\n"
        "own = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(own.pid, flush=True)\ninput()\ninput()"
    )
    parent = child(program)
    pid = int(parent.ask("go", seconds=20))
    assert alive(pid)
    parent.close()
    assert gone(pid)


def test_closing_twice_or_after_the_end_is_harmless(child) -> None:
    ended = child("print('bye', flush=True)")
    assert ended.ask("?", seconds=20) == "bye"
    ended.close()
    ended.close()
