"""What is installed here, what runs here, and what to do about the rest."""

import os
import platform
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import convert
from convert.errors import ConvertError, UsageError
from convert.machine import INT8_DOT_PRODUCTS, cores, instructions, load
from convert.memo import versions
from convert.runtimes import BROWSER_RUNTIMES, RUNTIMES
from convert.runtimes.base import Runtime
from convert.vocabulary import Record
from convert.web import browser, chromium, packages
from convert.web.features import Features, features

Status = Literal["good", "notable", "bad"]
Area = Literal["python", "package", "runtime", "browser", "machine", "command", "setting"]

DISTRIBUTION = "convert-vision"
_ROOM_GB = 2
WEB = f"{sys.executable} -m pip install '{DISTRIBUTION}[web]'"
_SETTINGS = (
    "CONVERT_MIRROR",
    "CONVERT_HOME",
    "CONVERT_RECIPES",
    "CONVERT_DATASETS",
    "CONVERT_ACCEPT_LICENSES",
    "CONVERT_BROWSER",
)


class Finding(Record):
    """One thing that was looked at; a `bad` one keeps something from working."""

    area: Area
    subject: str
    status: Status
    found: str
    next_move: str | None = None
    """What to do, where the finding is not good."""


def doctor(environment: Mapping[str, str] = os.environ) -> tuple[Finding, ...]:
    """Look at Python, the packages, the runtimes, the machine, PATH and the settings.

    Nothing that takes seconds is imported; a browser is started where there is one.
    """
    python, requirements = _declared()
    return (
        _python(python),
        *(_package(need) for need in requirements if not need.marker or need.marker.evaluate()),
        *(_runtime(runtime) for runtime in RUNTIMES.values()),
        *_in_browser(environment),
        _eight_bits(),
        _load(),
        _disk(Path(environment.get("CONVERT_HOME") or ".").absolute()),
        _command(shutil.which("convert", path=environment.get("PATH"))),
        *_settings(environment),
    )


def _judged(
    area: Area, subject: str, good: bool, found: str, next_move: str, otherwise: Status = "bad"
) -> Finding:
    return Finding(
        area=area,
        subject=subject,
        status="good" if good else otherwise,
        found=found,
        next_move=None if good else next_move,
    )


def _declared() -> tuple[SpecifierSet, list[Requirement]]:
    """The Python versions and the requirements that this very convert declares."""
    checkout = Path(convert.__file__).parent.parent / "pyproject.toml"
    if checkout.is_file():
        project = tomllib.loads(checkout.read_text(encoding="utf-8"))["project"]
        python, needs = project["requires-python"], project["dependencies"]
    else:
        python = metadata.metadata(DISTRIBUTION)["Requires-Python"]
        needs = [need for need in metadata.requires(DISTRIBUTION) or [] if "extra ==" not in need]
    return SpecifierSet(python), [Requirement(need) for need in needs]


def _python(wanted: SpecifierSet) -> Finding:
    version = platform.python_version()
    return _judged(
        "python",
        "Python",
        wanted.contains(version, prereleases=True),
        f"{version} ({sys.executable})",
        f"Install a Python {wanted}: TensorFlow 2.19 has wheels for no other.",
    )


def _package(wanted: Requirement) -> Finding:
    version = versions([wanted.name])[wanted.name]
    present = version != "absent"
    return _judged(
        "package",
        wanted.name,
        present and wanted.specifier.contains(version, prereleases=True),
        f"{version} (wanted: {wanted.specifier or 'any'})",
        f"{sys.executable} -m pip install '{wanted}'",
    )


def _runtime(runtime: Runtime) -> Finding:
    missing = runtime.missing()
    gives = "accuracy and times" if runtime.MEASURED else "accuracy only"
    return _judged(
        "runtime",
        runtime.NAME,
        missing is None,
        missing or f"{runtime.version()} runs {runtime.TARGET} files ({gives})",
        f"Until then no {runtime.TARGET} file can be made: none is published unproven.",
    )


def _in_browser(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The browser, what its runtimes load, what it can do, and each runtime."""
    try:
        program = chromium.find(environment)
    except UsageError as error:
        yield _judged("browser", "Chromium", False, error.message, error.hint or "")
        return
    found = f"{chromium.version(program)} ({program})" if program else "none on PATH"
    yield _judged("browser", "Chromium", bool(program), found, chromium.HINT, "notable")
    reason = packages.missing()
    held = "" if reason else f"{packages.folder()}"
    setup = f"`{packages.COMMAND}`, which needs npm"
    yield _judged("browser", "JavaScript", not reason, reason or held, setup, "notable")
    if program is None:
        return
    undriven = browser.missing()
    if undriven:
        yield _judged("browser", "Playwright", False, undriven, WEB, "notable")
        return
    yield from _page_runtimes(reason)


def _page_runtimes(reason: str | None) -> Iterator[Finding]:
    try:
        can = features()
    except ConvertError as error:
        move = f"Start it by hand, or name another in {chromium.SETTING}."
        yield _judged("browser", "features", False, error.message, move, "notable")
        return
    yield _judged("browser", "features", True, _in_words(can), "")
    for runtime in BROWSER_RUNTIMES.values():
        lacks = runtime.lacks(can)
        gives = "accuracy only" if runtime.gpu and can.software_gpu else "accuracy and times"
        runs = f"{runtime.version()} runs {runtime.TARGET} files ({gives})"
        why = lacks and f"this browser has no {lacks}"
        yield _judged(
            "browser",
            runtime.NAME,
            not (reason or lacks),
            reason or why or runs,
            f"`{packages.COMMAND}`" if reason else "Use another runtime, or a newer Chromium.",
            "notable",
        )


def _in_words(can: Features) -> str:
    kinds = {
        "SIMD": can.simd,
        "relaxed SIMD": can.relaxed_simd,
        "threads": can.threads,
        "WebGL": can.webgl,
        "WebGPU": can.webgpu,
    }
    told = [
        f"{name} ({found})" if isinstance(found, str) else name if found else f"no {name}"
        for name, found in kinds.items()
    ]
    return ", ".join(told)


def _eight_bits() -> Finding:
    fast = [name for name in instructions() if name in INT8_DOT_PRODUCTS]
    return _judged(
        "machine",
        "8-bit arithmetic",
        bool(fast),
        ", ".join(fast) or f"none of {', '.join(INT8_DOT_PRODUCTS)}",
        "Expect 8 bits to save room here, but less time than elsewhere.",
        otherwise="notable",
    )


def _load() -> Finding:
    return _judged(
        "machine",
        "load",
        load() <= cores() / 2,
        f"{load():.1f} on {cores()} cores",
        "Times that are taken now are too long; their ratios hold.",
        otherwise="notable",
    )


def _disk(home: Path) -> Finding:
    # CONVERT_HOME may not have been made yet.
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    return _judged(
        "machine",
        "disk",
        free >= _ROOM_GB,
        f"{free:.1f} GB free at {there}",
        f"Free {_ROOM_GB} GB, or set CONVERT_HOME to a folder on another disk.",
    )


def _command(first: str | None) -> Finding:
    """Whether typing `convert` starts us: ImageMagick's program has the same name."""
    ours = first is not None and _starts_us(Path(first))
    found = first if ours else f"{first} is another program" if first else "not on PATH"
    instead = f"Type `{sys.executable} -m convert` instead of `convert`."
    return _judged("command", "convert", ours, found or "", instead, otherwise="notable")


def _starts_us(program: Path) -> bool:
    """Whether a program is the script that pip or uv writes for `convert.cli:main`."""
    try:
        with program.open("rb") as file:
            return b"convert.cli" in file.read(4096)
    except OSError:
        return False


def _settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    for name, value in sorted(environment.items()):
        if not name.startswith("CONVERT_") or not value:
            continue
        values = value.split(os.pathsep) if name == "CONVERT_RECIPES" else [value]
        yield from (_setting(name, one) for one in values)


def _setting(name: str, value: str) -> Finding:
    if name not in _SETTINGS:
        meant = get_close_matches(name, _SETTINGS, n=1)
        move = f"Did you mean {meant[0]}?" if meant else f"There are {', '.join(_SETTINGS)}."
        return _judged("setting", name, False, "not a setting of convert", move, "notable")
    if name in ("CONVERT_ACCEPT_LICENSES", chromium.SETTING):  # the browser is looked at above
        return _judged("setting", name, True, value, "")
    remote = name == "CONVERT_MIRROR" and value.startswith(("http://", "https://"))
    there = remote or Path(value).is_dir()
    found = value if there else f"{value} is not a folder"
    if name == "CONVERT_HOME":
        return _judged("setting", name, there, found, "It will be made.", "notable")
    return _judged("setting", name, there, found, "Correct it or unset it.")
