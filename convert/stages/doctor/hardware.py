"""What this machine has room and instructions for."""

import shutil
from pathlib import Path

from convert.machine import INT8_DOT_PRODUCTS, cores, instructions, load
from convert.stages.doctor.finding import Finding, judged

_ROOM_GB = 2


def arithmetic() -> Finding:
    """Whether eight bits are quick here."""
    fast = [name for name in instructions() if name in INT8_DOT_PRODUCTS]
    return judged(
        "machine",
        "8-bit arithmetic",
        bool(fast),
        ", ".join(fast) or f"none of {', '.join(INT8_DOT_PRODUCTS)}",
        "Expect 8 bits to save room here, but less time than elsewhere.",
        otherwise="notable",
    )


def busyness() -> Finding:
    """Whether times that are taken now can be believed."""
    return judged(
        "machine",
        "load",
        load() <= cores() / 2,
        f"{load():.1f} on {cores()} cores",
        "Times that are taken now are too long; their ratios hold.",
        otherwise="notable",
    )


def room(home: Path) -> Finding:
    """Whether the disk that holds CONVERT_HOME has room."""
    # CONVERT_HOME may not have been made yet.
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    return judged(
        "machine",
        "disk",
        free >= _ROOM_GB,
        f"{free:.1f} GB free at {there}",
        f"Free {_ROOM_GB} GB, or set CONVERT_HOME to a folder on another disk.",
    )
