"""The settings in the environment."""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from convert.stages.doctor.finding import Finding, judged
from convert.web import chromium

_SETTINGS = (
    "CONVERT_MIRROR",
    "CONVERT_HOME",
    "CONVERT_RECIPES",
    "CONVERT_DATASETS",
    "CONVERT_ACCEPT_LICENSES",
    "CONVERT_BROWSER",
)


def settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every setting whose name begins as convert's do."""
    for name, value in sorted(environment.items()):
        if not name.startswith("CONVERT_") or not value:
            continue
        values = value.split(os.pathsep) if name == "CONVERT_RECIPES" else [value]
        yield from (_setting(name, one) for one in values)


def _setting(name: str, value: str) -> Finding:
    if name not in _SETTINGS:
        meant = get_close_matches(name, _SETTINGS, n=1)
        move = f"Did you mean {meant[0]}?" if meant else f"There are {', '.join(_SETTINGS)}."
        return judged("setting", name, False, "not a setting of convert", move, "notable")
    if name in ("CONVERT_ACCEPT_LICENSES", chromium.SETTING):  # the browser is looked at above
        return judged("setting", name, True, value, "")
    remote = name == "CONVERT_MIRROR" and value.startswith(("http://", "https://"))
    there = remote or Path(value).is_dir()
    found = value if there else f"{value} is not a folder"
    if name == "CONVERT_HOME":
        return judged("setting", name, there, found, "It will be made.", "notable")
    return judged("setting", name, there, found, "Correct it or unset it.")
