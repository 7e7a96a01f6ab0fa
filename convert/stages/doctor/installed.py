"""What convert declares that it needs, and what is installed."""

import platform
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import convert
from convert.memo import versions
from convert.stages.doctor.finding import Finding, judged

_DISTRIBUTION = "convert-vision"


def declared() -> tuple[SpecifierSet, list[Requirement]]:
    """The Python versions and the requirements that this very convert declares."""
    checkout = Path(convert.__file__).parent.parent / "pyproject.toml"
    if checkout.is_file():
        project = tomllib.loads(checkout.read_text(encoding="utf-8"))["project"]
        python, needs = project["requires-python"], project["dependencies"]
    else:
        python = metadata.metadata(_DISTRIBUTION)["Requires-Python"]
        needs = [need for need in metadata.requires(_DISTRIBUTION) or [] if "extra ==" not in need]
    return SpecifierSet(python), [Requirement(need) for need in needs]


def interpreter(wanted: SpecifierSet) -> Finding:
    """Whether this Python is one of those that are declared."""
    version = platform.python_version()
    return judged(
        "python",
        "Python",
        wanted.contains(version, prereleases=True),
        f"{version} ({sys.executable})",
        f"Install a Python {wanted}: TensorFlow 2.19 has wheels for no other.",
    )


def package(wanted: Requirement) -> Finding:
    """Whether a package is here, in a version that is declared."""
    version = versions([wanted.name])[wanted.name]
    present = version != "absent"
    return judged(
        "package",
        wanted.name,
        present and wanted.specifier.contains(version, prereleases=True),
        f"{version} (wanted: {wanted.specifier or 'any'})",
        f"{sys.executable} -m pip install '{wanted}'",
    )


def command(first: str | None) -> Finding:
    """Whether typing `convert` starts us: ImageMagick's program has the same name."""
    ours = first is not None and _starts_us(Path(first))
    found = first if ours else f"{first} is another program" if first else "not on PATH"
    instead = f"Type `{sys.executable} -m convert` instead of `convert`."
    return judged("command", "convert", ours, found or "", instead, otherwise="notable")


def _starts_us(program: Path) -> bool:
    """Whether a program is the script that pip or uv writes for `convert.cli:main`."""
    try:
        with program.open("rb") as file:
            return b"convert.cli" in file.read(4096)
    except OSError:
        return False
