"""What goes wrong is said in words, with the next move and its own exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

ROOT = Path(__file__).parents[2]
Call = Callable[..., Result]
Start = Callable[..., "subprocess.CompletedProcess[str]"]
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["lst"], "Did you mean 'list'?"),
        (["show"], "Missing argument 'NAME'"),
        (["show", "deeplab-shape"], "there is no recipe 'deeplab-shape'\nnext: Did you mean"),
        (["show", "no/where.toml"], "there is no recipe 'no/where.toml'"),
        (["run"], "no recipe is named"),
        (["run", "--all", "deeplab-shapes"], "--all and names exclude each other"),
        (["run", "deeplab-shapes", "--targets", "coreml,tflite"], "'coreml' is not known\nnext:"),
        (["run", "deeplab-shapes", "--schemes", ","], "--schemes: nothing is named"),
        (
            ["run", "deeplab-shapes", "--targets", "tfjs", "--schemes", "mixed"],
            "tfjs has no mixed\nnext: It has float32, float16, uint8, uint16.",
        ),
        (["sensitivity", "deeplab-shapes", "--plot", "x.gif"], "neither .svg nor .png"),
        (["run", "deeplab-shapes", "--limit", "0"], "--limit"),
        (["run", "deeplab-shapes", "mobilenet-v1", "--from", "x"], "--from is the file of one"),
        (["run", "deeplab-mnv2-dm05"], "the dataset VOC2012 was not found"),
        (["pull", "mobilenet-v1", "--from", "x.tgz"], "--from x.tgz: no such file"),
        (["pull", "mobilenet-v1", "--mirror", "no/mirror"], "'no/mirror' is neither a folder"),
        (["verify", "."], ". is not a published variant: it has no manifest.json"),
        (["bench", "."], ". is not a published variant: it has no manifest.json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_asked_wrongly_exits_with_2(call: Call, arguments: list[str], said: str) -> None:
    shown = call(*arguments)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert said in shown.stderr


def test_an_error_in_a_recipe_names_file_and_key(call: Call, home: Path) -> None:
    Path("mine.toml").write_text('title = "mine"\ncolour = "red"\n')
    shown = call("run", "mine.toml")
    assert shown.exit_code == 2
    assert "mine.toml: colour: unknown key\n" in shown.stderr


def test_a_folder_of_recipes_that_is_not_there_is_an_error(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERT_RECIPES", "/no/such/folder")
    shown = call("list")
    assert shown.exit_code == 2
    assert "CONVERT_RECIPES: /no/such/folder is not a folder" in shown.stderr


def damaged(home: Path) -> dict[str, Path]:
    files = {name: home / name for name in ("empty.pb", "text.pb", "huge.pb", "folder.pb")}
    files["empty.pb"].touch()
    files["text.pb"].write_text("This is no graph.\n" * 99)
    with files["huge.pb"].open("wb") as file:
        file.truncate(3 * 2**30)
    files["folder.pb"].mkdir()
    return {**files, "missing.pb": home / "missing.pb"}


@pytest.mark.parametrize("name", ["empty.pb", "text.pb", "huge.pb", "folder.pb", "missing.pb"])
def test_what_is_no_model_exits_with_3(call: Call, home: Path, name: str) -> None:
    shown = call("inspect", damaged(home)[name])
    assert shown.exit_code == 3
    assert shown.stdout == ""
    assert shown.stderr.startswith(f"error: {home / name}")
    assert "\nnext: " in shown.stderr


def test_a_model_of_another_format_exits_with_4(call: Call, home: Path) -> None:
    Path("model.xml").write_bytes(b"<?xml version='1.0'?><net/>")
    shown = call("inspect", "model.xml")
    assert shown.exit_code == 4
    assert "model.xml is an XML file" in shown.stderr


def test_without_a_network_the_three_ways_to_provide_a_file_are_told(start: Start) -> None:
    shown = start("pull", "mobilenet-v1-025-128", **NO_NETWORK)
    assert shown.returncode == 3
    assert "/frozen_graph.pb: " in shown.stderr
    for way in ("  in a mirror: ", "  from any FILE: ", "  in place: "):
        assert way in shown.stderr


def test_a_file_with_another_digest_is_refused(call: Call, home: Path) -> None:
    Path("other.pb").write_bytes(b"other")
    shown = call("pull", "mobilenet-v1-025-128", "--from", "other.pb")
    assert shown.exit_code == 3
    assert "not the recipe's file: sha256 is " in shown.stderr
    assert not list(home.rglob("frozen_graph.pb"))


def test_an_error_is_a_json_document_too(call: Call) -> None:
    shown = call("inspect", "missing.pb", "--json")
    assert shown.exit_code == 3
    assert json.loads(shown.stdout) == {
        "error": "missing.pb: No such file or directory",
        "hint": "Give the path of a model file.",
        "exit_code": 3,
    }
    assert shown.stderr.startswith("error: missing.pb")


def test_a_home_that_cannot_be_written_to_is_named(
    call: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("CONVERT_HOME", str(home / "file"))
    shown = call("run", "deeplab-shapes", "--limit", "1")
    assert shown.exit_code in (2, 3)
    assert str(home / "file") in shown.stderr
    assert "CONVERT_HOME" in shown.stderr


def test_recipes_that_cannot_be_run_end_in_one_table(start: Start) -> None:
    shown = start("run", "mobilenet-v1", "deeplab-mnv2-dm05", **NO_NETWORK)
    assert shown.returncode == 2
    rows = {line.split()[0]: line for line in shown.stdout.splitlines() if line.strip()}
    assert "exit 2" in rows["mobilenet-v1"]
    assert "the dataset VOC2012 was not found" in rows["deeplab-mnv2-dm05"]


def test_recipes_that_cannot_be_run_end_in_one_document(start: Start) -> None:
    shown = start("run", "mobilenet-v1", "deeplab-mnv2-dm05", "--json", **NO_NETWORK)
    first, second = json.loads(shown.stdout)
    assert first["recipe"] == "mobilenet-v1"
    assert second["error"].startswith("the dataset VOC2012 was not found")
    assert second["exit_code"] == shown.returncode == 2


def test_a_reader_that_leaves_ends_it_without_a_word() -> None:
    listing = subprocess.Popen(
        [sys.executable, "-P", "-m", "convert", "list", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert listing.stdout
    assert listing.stderr
    listing.stdout.close()
    assert listing.stderr.read() == ""
    assert listing.wait() == 141


def test_colours_are_left_out_where_nobody_sees_them(start: Start) -> None:
    for arguments in (["list"], ["show", "deeplab-shapes"], ["doctor"], ["show", "nothing"]):
        shown = start(*arguments)
        assert "\x1b" not in shown.stdout + shown.stderr
        assert not [line for line in shown.stdout.splitlines() if line != line.rstrip()]
