"""Real models and real pictures, a few of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from convert.cli import app
from convert.report import Report, Variant

pytestmark = [pytest.mark.slow, pytest.mark.shared]

DEEPLAB = ("ImageTensor", "SemanticPredictions", "sub_7", "ResizeBilinear_2")
MOBILENET = (
    *("input", "MobilenetV1/Predictions/Reshape_1"),
    *("input", "MobilenetV1/Predictions/Reshape"),
)
NAMES = {
    "InputSize 513px/frozen_inference_graph.pb": DEEPLAB,
    "mobilenet_v1_0.25_128/frozen_graph.pb": MOBILENET,
    "mobilenet_v1_0.25_160/frozen_graph.pb": MOBILENET,
    "mobilenet_v1_0.75_224/quantized_graph.pb": MOBILENET,
}


def variants(report: Report) -> dict[str, Variant]:
    return {f"{v.target}-{v.scheme}": v for v in report.variants}


@pytest.mark.parametrize("ending", NAMES)
def test_the_names_of_a_frozen_graph_are_found_without_a_recipe(shared: Path, ending: str) -> None:
    (path,) = (p for p in (shared / "mirror").rglob("*.pb") if str(p).endswith(ending))
    shown = CliRunner().invoke(app, ["inspect", str(path), "--json"])
    assert shown.exit_code == 0
    cut = json.loads(shown.stdout)["cut"]
    keys = ("original_input", "original_output", "input", "output")
    assert tuple(cut[key] for key in keys) == NAMES[ending]


def test_every_frozen_graph_of_the_mirror_is_tried(shared: Path) -> None:
    found = [str(path) for path in (shared / "mirror").rglob("*.pb")]
    assert all(path.endswith(tuple(NAMES)) for path in found)


def test_deeplab_keeps_its_answers(shared: Path, convert_in: Any, tmp_path: Path) -> None:
    convert = convert_in(tmp_path / "home", CONVERT_MIRROR=str(shared / "mirror"))
    few = ("--limit", "6", "--targets", "tflite", "--schemes", "float32,float16")
    dataset = ("--dataset", shared / "data" / "VOC2012")
    done = convert("run", "deeplab-mnv2-dm05", *few, *dataset, "--json")
    assert done.returncode == 0, done.stderr
    report = Report.model_validate_json(done.stdout)
    assert report.cut.value >= 0.999
    found = variants(report)
    assert abs(found["tflite-float32"].metrics["miou"].drop or 0) <= 0.001
    assert abs(found["tflite-float16"].metrics["miou"].drop or 0) <= 0.002
    assert found["tflite-float16"].metrics["agreement"].value > 0.998


def test_two_mobilenets_in_one_command(shared: Path, convert_in: Any, tmp_path: Path) -> None:
    convert = convert_in(
        tmp_path / "home",
        CONVERT_MIRROR=str(shared / "mirror"),
        CONVERT_DATASETS=str(shared / "data"),
    )
    names = ("mobilenet-v1-025-128", "mobilenet-v1-025-160")
    some = ("--limit", "20", "--targets", "tflite,onnx", "--schemes", "float32")
    done = convert("run", *names, *some, "--json")
    assert done.returncode == 0, done.stderr
    reports = [Report.model_validate(item) for item in json.loads(done.stdout)]
    assert tuple(report.recipe for report in reports) == names
    for report in reports:
        assert report.cut.value <= 1e-4
        for variant in report.variants:
            assert (variant.metrics["top1"].drop or 0) <= 0.05
            assert variant.metrics["agreement"].value >= 0.95


def test_a_recipe_that_new_writes_runs_as_it_is(
    shared: Path, convert_in: Any, tmp_path: Path
) -> None:
    convert = convert_in(tmp_path / "home", CONVERT_DATASETS=str(shared / "data"))
    (model,) = (shared / "mirror").rglob("mobilenet_v1_0.25_128/frozen_graph.pb")
    written = convert("new", model, "--name", "mine")
    assert written.returncode == 0, written.stderr
    assert written.stdout.startswith("recipes/mine.toml\n")
    done = convert("run", "mine", "--limit", "5", "--targets", "tflite", "--schemes", "float32")
    assert done.returncode == 0, done.stderr
    assert (convert.home / "models/out/mine/tflite-float32/manifest.json").is_file()
