"""`convert list` and `convert show`: what there is, and what it says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from convert.recipe import Recipe

ROOT = Path(__file__).parents[2]
Call = Callable[..., Result]
SHIPPED = sorted(path.stem for path in (ROOT / "recipes").glob("*.toml"))

TOY = """\
title = "A toy"
task = "segmentation"
classes = 2
labels = ["background", "person"]
metric = "miou"

[source]
format = "frozen_graph"
urls = ["https://example.org/toy.pb"]
sha256 = "{digest}"
bytes = 1234567

[license]
id = "Toy-1.0"
evidence = "a letter"
dated = "2020-02-20"
restricted = true
instead = "deeplab-shapes"

[preprocessing]
size = [128, 128]
resize = "stretch"

[postprocessing]
decode = "argmax"
restore = {{ method = "nearest" }}

[dataset]
kind = "masks"
folder = "human"

[targets.tflite]
schemes = ["float32", "uint8"]

[gates.uint8]
drop = 0.01
latency_ratio = 0.8
"""


@pytest.fixture
def toy(home: Path) -> Path:
    path = home / "recipes" / "toy.toml"
    path.parent.mkdir()
    path.write_text(TOY.format(digest="ab" * 32))
    return path


def test_every_shipped_recipe_is_listed(call: Call) -> None:
    shown = call("list")
    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[2:]] == SHIPPED
    assert max(map(len, shown.stdout.splitlines())) <= 116


def test_a_recipe_of_ones_own_stands_among_them(call: Call, toy: Path) -> None:
    line = next(line for line in call("list").stdout.splitlines() if line.startswith("toy"))
    assert line.split() == [
        *("toy", "segmentation", "frozen_graph", "1.2", "MB"),
        *("Toy-1.0,", "restricted"),
    ]


def test_the_embedded_model_needs_no_pulling(call: Call) -> None:
    listed = json.loads(call("list", "--json").stdout)
    (shapes,) = (item for item in listed if item["name"] == "deeplab-shapes")
    assert shapes["pulled"]
    assert shapes["published"] == []


def test_the_list_as_json_has_a_fixed_shape(call: Call, toy: Path) -> None:
    listed = {item.pop("name"): item for item in json.loads(call("list", "--json").stdout)}
    assert sorted(listed) == sorted([*SHIPPED, "toy"])
    assert listed["toy"] == {
        "title": "A toy",
        "task": "segmentation",
        "format": "frozen_graph",
        "license": "Toy-1.0",
        "restricted": True,
        "bytes": 1234567,
        "pulled": None,
        "published": [],
    }


def test_a_recipe_that_cannot_be_read_does_not_hide_the_others(call: Call, toy: Path) -> None:
    toy.with_name("broken.toml").write_text("title = 3\n[cut]\ncolour = 1\n")
    shown = call("list")
    assert shown.exit_code == 2
    assert "toy" in shown.stdout
    assert "broken.toml: cut.colour: unknown key" in shown.stderr
    assert "broken.toml: license: missing" in shown.stderr


def test_a_recipe_is_explained_in_words(call: Call, toy: Path) -> None:
    shown = call("show", "toy")
    assert shown.exit_code == 0
    assert (
        shown.stdout
        == f"""\
toy  A toy
{toy}

task         segmentation, 2 classes: background, person
source       frozen_graph
             https://example.org/toy.pb
             1,234,567 bytes
             sha256 {"ab" * 32}
license      Toy-1.0 (restricted: must be accepted)
             a letter, 2020-02-20
             instead: deeplab-shapes
here         not yet: convert pull toy
cut          (found from the graph) (called image) → (found from the graph) (called logits); \
the uncut graph is (found from the graph) → (found from the graph)
before       RGB, stretch to 128 x 128 (bilinear), (pixel - 0) * 1
after        argmax, resize to the picture (nearest)
measured by  miou on masks val
made         tflite: float32, uint8 (NHWC)
gates        float32: none
             uint8: drop at most 0.01, latency_ratio at most 0.8
published    nothing yet: convert run toy
"""
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_recipe_can_be_shown(call: Call, name: str) -> None:
    shown = call("show", name)
    assert shown.exit_code == 0
    assert f"{name}.toml" in shown.stdout


def test_a_recipe_as_json_is_the_recipe_with_every_default(call: Call, toy: Path) -> None:
    shown = call("show", toy, "--json")
    recipe = Recipe.model_validate_json(shown.stdout)
    assert recipe.name == "toy"
    assert recipe.dataset.calibration_images == 50


def test_doctor_as_json_is_a_list_of_findings(call: Call) -> None:
    shown = call("doctor", "--json")
    assert shown.exit_code == 0
    findings = json.loads(shown.stdout)
    keys = {"area", "subject", "status", "found", "next_move"}
    assert all(set(finding) == keys for finding in findings)
    assert {"tensorflow", "litert", "convert"} <= {finding["subject"] for finding in findings}
