"""What eight bits cost is ranked, and what a gate demands stays in float, on the embedded model."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convert.report import Ranking, Report, Variant

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).parents[2] / "recipes" / "deeplab-shapes.toml"
GATES = """
[gates.float32]
drop = 0.001
[gates.uint8]
agreement = 0.99995
[gates.mixed]
agreement = 0.996
[gates.dynamic]
agreement = 0.9
"""
SCHEMES = ("--schemes", "float32,uint8,mixed,dynamic", "--targets", "tflite", "--limit", "6")


@pytest.fixture(scope="module")
def home(convert_in: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Few pictures, and a gate that no eight bits hold."""
    recipes = tmp_path_factory.mktemp("recipes")
    text = SHIPPED.read_text().split("# Drops in mIoU")[0]
    text = text.replace('kind = "shapes"', 'kind = "shapes"\ncalibration_images = 6')
    (recipes / SHIPPED.name).write_text(text + GATES)
    assert tomllib.loads(text + GATES)["dataset"]["calibration_images"] == 6
    return convert_in(tmp_path_factory.mktemp("eight"), CONVERT_RECIPES=str(recipes))


@pytest.fixture(scope="module")
def report(home: Any) -> Report:
    done = home("run", "deeplab-shapes", *SCHEMES, "--json")
    assert done.returncode == 1, done.stderr
    return Report.model_validate_json(done.stdout)


def variant(report: Report, scheme: str) -> Variant:
    return next(one for one in report.variants if one.scheme == scheme)


def test_a_refused_file_says_what_harms_it_and_what_would_pass(report: Report) -> None:
    eight = variant(report, "uint8")
    assert not eight.passed
    assert [gate.gate for gate in eight.gates] == ["disagreement"]
    assert eight.sensitivity is not None
    assert len(eight.sensitivity.weights) == len(eight.sensitivity.activations) == 5
    assert eight.mixed == variant(report, "mixed").mixed


def test_a_mixed_file_agrees_better_and_its_manifest_says_what_is_in_float(
    report: Report, home: Any
) -> None:
    eight, mixed = variant(report, "uint8"), variant(report, "mixed")
    assert mixed.passed
    assert mixed.mixed is not None
    assert mixed.mixed.passed
    assert mixed.mixed.pictures == 6
    assert mixed.mixed.bytes == mixed.bytes
    assert mixed.metrics["agreement"].value >= eight.metrics["agreement"].value
    folder = home.home / "models/out/deeplab-shapes/tflite-mixed"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["mixed"]["kept_float"] == list(mixed.mixed.kept_float)


def test_dynamic_files_keep_their_ends_in_float(report: Report, home: Any) -> None:
    assert variant(report, "dynamic").passed
    folder = home.home / "models/out/deeplab-shapes/tflite-dynamic"
    signature = json.loads((folder / "manifest.json").read_text())["artifact"]["signature"]
    assert [end["dtype"] for end in signature["inputs"] + signature["outputs"]] == ["float32"] * 2


def test_what_was_found_is_replayed_without_searching(report: Report, home: Any) -> None:
    done = home.without_tensorflow()("run", "deeplab-shapes", *SCHEMES, "--json")
    assert Report.model_validate_json(done.stdout).variants == report.variants
    assert " in float: " not in done.stderr


def test_the_ranking_is_a_table_a_document_and_a_plot(report: Report, home: Any) -> None:
    done = home("sensitivity", "deeplab-shapes", "--json", "--plot", "ranked.svg")
    assert done.returncode == 0, done.stderr
    found = Ranking.model_validate_json(done.stdout)
    eight = variant(report, "uint8")
    assert found.head(5) == eight.sensitivity
    assert found.unit == "labels changed"
    drawn = (home.home / "ranked.svg").read_text()
    assert drawn.startswith("<?xml")
    assert "labels changed, %" in drawn
    table = home("sensitivity", "deeplab-shapes")
    assert found.weights[0].name in table.stdout
    assert found.activations[0].name in table.stdout
