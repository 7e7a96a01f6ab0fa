"""What libraries write stays off the streams that people and programs read."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

NOISE = """
import os, sys
from convert.errors import ToolError
from convert.render.console import err
from convert.render.streams import alone
with alone():
    print("noise")
    os.write(1, b"noise from C++")
    os.write(2, b"noise from C++")
    err().print("said")
    {ending}
print("result")
"""


def run(ending: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", NOISE.format(ending=ending)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_only_what_convert_says_comes_through() -> None:
    found = run("pass")
    assert (found.stdout, found.stderr) == ("result\n", "said\n")


def test_the_noise_before_a_bug_is_shown() -> None:
    found = run("raise ValueError('a bug')")
    assert found.stdout == ""
    assert "noise from C++" in found.stderr
    assert "ValueError: a bug" in found.stderr


def test_the_noise_before_an_error_is_not() -> None:
    assert "noise" not in run("raise ToolError('an error')").stderr
