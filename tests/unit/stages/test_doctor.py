"""The doctor finds what is wrong and says what to do about it."""

import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from convert.runtimes import RUNTIMES
from convert.stages.doctor import Finding, doctor


def found(subject: str, **environment: str) -> list[Finding]:
    return [one for one in doctor({"PATH": "", **environment}) if one.subject == subject]


def test_the_parts_that_a_run_needs_are_all_looked_at() -> None:
    subjects = {finding.subject for finding in doctor({})}
    assert {"Python", "tensorflow", "onnx", "8-bit arithmetic", "disk", "convert"} <= subjects
    assert set(RUNTIMES) <= subjects


def test_every_bad_finding_has_a_next_move() -> None:
    for finding in doctor({"CONVERT_RECIPES": "/nowhere", "CONVERT_MIROR": "x"}):
        assert (finding.next_move is None) == (finding.status == "good")


def test_it_is_quick_and_does_not_import_tensorflow() -> None:
    program = "import sys; from convert.stages.doctor import doctor; doctor(); " + (
        "sys.exit('tensorflow' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    # No browser is on this PATH: starting one takes what it takes.
    environment = {**os.environ, "PYTHONPATH": str(root), "PATH": ""}
    start = perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert perf_counter() - start < 10


def test_without_a_browser_it_says_what_to_install() -> None:
    (browser,) = found("Chromium")
    assert browser.status == "notable"
    assert "apt-get install chromium" in (browser.next_move or "")
    assert not found("tfjs-wasm")


def test_a_browser_that_is_not_there_is_bad() -> None:
    (browser,) = found("Chromium", CONVERT_BROWSER="/no/browser")
    assert browser.status == "bad"
    assert "/no/browser" in browser.found


def program(folder: Path, text: str) -> str:
    folder.mkdir()
    path = folder / "convert"
    path.write_text(text)
    path.chmod(0o755)
    return str(folder)


def test_imagemagick_before_us_on_path_is_noticed(tmp_path: Path) -> None:
    theirs = program(tmp_path / "magick", "#!/bin/sh\nexec magick\n")
    ours = program(tmp_path / "ours", "#!python\nfrom convert.cli import main\n")
    (before,) = found("convert", PATH=os.pathsep.join((theirs, ours)))
    assert before.status == "notable"
    assert "magick" in before.found
    assert "another program" in before.found
    assert "-m convert" in (before.next_move or "")
    (after,) = found("convert", PATH=os.pathsep.join((ours, theirs)))
    assert after.status == "good"


def test_without_any_convert_on_path_the_other_way_is_given() -> None:
    (finding,) = found("convert")
    assert finding.found == "not on PATH"
    assert "-m convert" in (finding.next_move or "")


@pytest.mark.parametrize("name", ["CONVERT_MIRROR", "CONVERT_RECIPES", "CONVERT_DATASETS"])
def test_a_setting_that_leads_nowhere_is_bad(name: str, tmp_path: Path) -> None:
    (finding,) = found(name, **{name: str(tmp_path / "nowhere")})
    assert finding.status == "bad"
    assert "nowhere" in finding.found
    (finding,) = found(name, **{name: str(tmp_path)})
    assert finding.status == "good"


def test_a_mirror_may_be_a_url() -> None:
    (finding,) = found("CONVERT_MIRROR", CONVERT_MIRROR="https://mirror.example/models")
    assert finding.status == "good"


def test_each_recipe_folder_is_looked_at(tmp_path: Path) -> None:
    folders = os.pathsep.join((str(tmp_path), "/nowhere"))
    assert [one.status for one in found("CONVERT_RECIPES", CONVERT_RECIPES=folders)] == [
        "good",
        "bad",
    ]


def test_a_home_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    (finding,) = found("CONVERT_HOME", CONVERT_HOME=str(tmp_path / "a" / "b"))
    assert finding.status == "notable"


def test_a_misspelt_setting_is_recognised() -> None:
    (finding,) = found("CONVERT_MIROR", CONVERT_MIROR="/x")
    assert finding.next_move == "Did you mean CONVERT_MIRROR?"
