"""Ways to call the command line as a user does."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from convert.cli import app

ROOT = Path(__file__).parents[2]

Call = Callable[..., Result]
Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, which is CONVERT_HOME too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVERT_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def call(home: Path) -> Call:
    """`convert ARGS` in this process, whose streams are pipes."""

    def call(*args: str | Path) -> Result:
        return CliRunner().invoke(app, [str(arg) for arg in args], prog_name="convert")

    return call


@pytest.fixture
def start(home: Path) -> Start:
    """`python -m convert ARGS` in a process of its own."""

    def start(
        *args: str | Path, python: tuple[str, ...] = (), **more: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-P", *python, "-m", "convert", *map(str, args)],
            env={**os.environ, "PYTHONPATH": str(ROOT), **more},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return start
