"""The browser is the one that is named, or else on PATH; none is downloaded."""

from pathlib import Path

import pytest

from convert.errors import UsageError
from convert.web import chromium


def program(folder: Path, name: str, says: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_without_one_there_is_none() -> None:
    assert chromium.find({"PATH": ""}) is None


def test_the_first_known_name_on_path_is_taken(tmp_path: Path) -> None:
    found = program(tmp_path, "google-chrome")
    assert chromium.find({"PATH": str(tmp_path)}) == found


def test_the_setting_comes_first(tmp_path: Path) -> None:
    program(tmp_path, "chromium")
    mine = program(tmp_path, "mine")
    named = {"PATH": str(tmp_path), "CONVERT_BROWSER": str(mine)}
    assert chromium.find(named) == mine


def test_a_setting_that_leads_nowhere_is_said() -> None:
    with pytest.raises(UsageError, match=r"CONVERT_BROWSER: '/no/browser'"):
        chromium.find({"PATH": "", "CONVERT_BROWSER": "/no/browser"})


def test_the_version_is_what_it_says(tmp_path: Path) -> None:
    said = "Chromium 156.0.8078.79 built on Debian"
    assert chromium.version(program(tmp_path, "chromium", said)) == "156.0.8078.79"
    assert chromium.version(program(tmp_path, "mute")) == "unknown"


@pytest.mark.parametrize("gpu", [True, False])
def test_no_name_can_be_looked_up_but_our_own(gpu: bool) -> None:
    assert "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" in chromium.flags(gpu=gpu)
