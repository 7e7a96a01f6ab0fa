"""The help teaches, at once."""

import re
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest
from typer.testing import Result

from convert.cli import app
from convert.cli.app import _BY_PURPOSE

Call = Callable[..., Result]
Start = Callable[..., "CompletedProcess[str]"]
COMMANDS = [name for names in _BY_PURPOSE.values() for name in names]

FIRST_SCREEN = """\
Usage: convert [OPTIONS] COMMAND [ARGS]...

  Take a vision model from where its authors left it to files that an app can
  use, and prove that they are right.

    convert run deeplab-shapes    the embedded model, down the whole road, offline
    convert list                  every recipe, and what is here of it
    convert new FILE              a recipe for a model of your own

  All that is made lies in models/ of the working folder:
    models/raw    pulled files
    models/work   what a second run need not do again
    models/out    published files, each with its manifest and card
"""

THE_COMMANDS = """\
The road:
  run          Take recipes down the whole road, and publish what passes.
  list         Show every recipe: task, license, what is pulled and published.
  show         Explain one recipe in words.
  pull         Bring a recipe's file into models/raw/ and check its digest.

A model of your own:
  inspect      Find inputs, outputs and the cut of a model file.
  new          Write a recipe for a model file of your own.

What was published:
  audit        Size against accuracy against time: table, page, budget.
  why          Say where a published file's time goes, against the roofline.
  diff         Compare two published folders or model files, down to layers.
  verify       Check a published folder and measure it on pictures again.
  bench        Time published files against each other.

Handing it on:
  check        Check every byte of a bundle, here or at a URL.
  publish      Hand on what a recipe published, to a place or a package.
  keys         Make a key to sign with.

For apps:
  kit          Write a model's pre- and postprocessing for an app.
  serve        Serve apps that use what is published, to this machine alone.

Eight bits:
  calibrate    Show how many calibration pictures eight bits want.
  sensitivity  Rank layers and tensors by what eight bits cost in each.

This machine:
  doctor       Say what works here, and what to do about the rest.
  web          Install what web runtimes load: setup, status.
"""


def test_the_help_says_what_it_is_and_how_to_begin(call: Call) -> None:
    shown = call("--help")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(FIRST_SCREEN)
    assert THE_COMMANDS in shown.stdout


def test_the_help_names_every_setting_and_exit_code(call: Call) -> None:
    shown = call("--help").stdout
    for setting in ("HOME", "MIRROR", "DATASETS", "RECIPES", "ACCEPT_LICENSES", "BROWSER"):
        assert f"CONVERT_{setting} " in shown
    assert re.search(r"0 good, 1 .*, 2 .*, 3 .*, 4 .*,\s+5 .*, 6 .*, 130 interrupted", shown)


def test_no_command_is_left_out_of_the_help() -> None:
    assert sorted(COMMANDS) == sorted(str(item.name) for item in app.registered_commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json_and_explains_itself(call: Call, name: str) -> None:
    shown = call(name, "--help")
    assert shown.exit_code == 0
    assert "--json" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    # What stands in <> is there: no markup language has eaten it.
    assert "at /;" not in shown.stdout


def test_help_and_version_import_nothing_that_takes_time(start: Start) -> None:
    for arguments in (["--help"], ["run", "--help"], ["--version"]):
        found = start(*arguments, python=("-X", "importtime"))
        assert found.returncode == 0
        imported = set(re.findall(r"\|\s+(\S+)$", found.stderr, re.M))
        heavy = {"tensorflow", "onnx", "onnxruntime", "ai_edge_litert", "tf2onnx", "tensorflowjs"}
        assert not imported & (heavy | {"numpy", "httpx", "PIL", "jinja2", "rich"})


def test_list_and_show_import_no_converter_and_no_runtime(start: Start) -> None:
    for arguments in (["list"], ["show", "deeplab-shapes"]):
        found = start(*arguments, python=("-X", "importtime"))
        assert found.returncode == 0
        imported = set(re.findall(r"\|\s+(\S+)$", found.stderr, re.M))
        heavy = {"tensorflow", "onnx", "onnxruntime", "ai_edge_litert", "tf2onnx", "tensorflowjs"}
        assert not imported & (heavy | {"numpy", "httpx"})


def test_convert_alone_shows_the_help(call: Call) -> None:
    assert "Usage: convert [OPTIONS] COMMAND" in call().output
