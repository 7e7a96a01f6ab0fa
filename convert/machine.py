"""What this machine is: the figures of a report hold for it."""

import os
import platform
from functools import cache
from pathlib import Path

from convert.vocabulary import Record

# The instruction sets that decide how fast the runtimes' kernels are, in Linux's spelling; arm's
# (from asimd on) after x86's.
_THAT_MATTER = (
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx_vnni",
    "avx512_vnni",
    "amx_int8",
    "asimd",
    "asimdhp",
    "asimddp",
    "i8mm",
)
INT8_DOT_PRODUCTS = ("avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
"""Those that multiply and add bytes in one instruction: without one, 8 bits gain little time."""


class Machine(Record):
    """Where the figures were taken."""

    system: str
    processor: str
    instructions: tuple[str, ...] = ()
    """The instruction sets it has of those that runtimes have kernels for, such as avx512_vnni."""
    cores: int
    """How many the process may use."""
    memory_gb: float
    python: str


def machine() -> Machine:
    """Look at this machine."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        instructions=instructions(),
        cores=cores(),
        memory_gb=round(_memory() / 1e9, 1),
        python=platform.python_version(),
    )


def cores() -> int:
    """How many cores this process may use: its affinity, and its container's share of time."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(allowed or 1, _quota() or allowed or 1)


def instructions() -> tuple[str, ...]:
    """The instruction sets that matter here, of those that it has; () where it is not known."""
    line = _cpuinfo().get("flags") or _cpuinfo().get("Features") or ""
    return tuple(name for name in _THAT_MATTER if name in line.split())


def load() -> float:
    """How many processes ran or waited for a processor, on average over the last minute."""
    return os.getloadavg()[0]


def _memory() -> int:
    """Bytes of memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _processor() -> str:
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


@cache
def _cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo; {} where there is none."""
    path = Path("/proc/cpuinfo")
    first = path.read_text().split("\n\n")[0] if path.exists() else ""
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _quota() -> int | None:
    """The cores that a control group's quota amounts to (cgroup v2's cpu.max), at least 1."""
    path = Path("/sys/fs/cgroup/cpu.max")
    quota, period = path.read_text().split() if path.exists() else ("max", "")
    return None if quota == "max" else max(1, int(quota) // int(period))
