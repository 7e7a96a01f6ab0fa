"""Environments of their own for peers whose pins do not fit ours."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from convert.errors import ToolError

_PINS = Path(__file__).parent / "pins"
_PYTHON = "3.11"


def python_of(environment: str | None, cache: Path) -> Path:
    """The interpreter that a peer runs under; its environment is made once, from its pins."""
    if environment is None:
        return Path(sys.executable)
    folder = cache / f"{environment}-{digest_of(environment)[:12]}"
    python, whole = folder / "bin" / "python", folder / "whole"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--quiet", "--python", _PYTHON, str(folder))
        _uv(
            "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python),
            "-r", str(_PINS / f"{environment}.txt"),
        )  # fmt: skip
        whole.touch()
    return python


def digest_of(environment: str) -> str:
    """The SHA-256 of an environment's pins."""
    return hashlib.sha256((_PINS / f"{environment}.txt").read_bytes()).hexdigest()


def pins_of(environment: str) -> dict[str, str]:
    """Package -> version, as pinned."""
    lines = (_PINS / f"{environment}.txt").read_text().split()
    pairs = (line.partition("==") for line in lines)
    return {name: version for name, _, version in pairs}


def _uv(*arguments: str) -> None:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise ToolError("uv is missing: peers need environments of their own", hint="Install uv.")
    done = subprocess.run([uv, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"uv {' '.join(arguments[:2])} failed: {done.stderr[-500:]}")
