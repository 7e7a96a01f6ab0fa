"""A maker in a process of its own: what it took, or why it failed."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quantization.records import Cost
from convert.errors import ToolError

_TIMED = Path(__file__).with_name("timed.py")
_LIMIT = 3600.0


def run(command: Sequence[str], job: dict[str, object], folder: Path) -> Cost:
    """Run `command JOB`, where JOB is a file that holds `job`.

    Raises ToolError with the last of what it said where it fails, or where it takes an hour.
    """
    asked, told = folder / "job.json", folder / "cost.json"
    asked.write_text(json.dumps(job, indent=1))
    whole = [sys.executable, "-I", "-S", str(_TIMED), str(told), *command, str(asked)]
    try:
        done = subprocess.run(whole, capture_output=True, text=True, timeout=_LIMIT)
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"it took longer than {_LIMIT:.0f} s") from error
    (folder / "said.txt").write_text(done.stdout + done.stderr)
    if done.returncode:
        raise ToolError(_last(done.stderr) or f"it ended with {done.returncode}")
    return Cost.model_validate_json(told.read_bytes())


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
