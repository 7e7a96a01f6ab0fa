"""`import convert` does what the command line does, and `convert diff` says where two part."""

import doctest
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convert
import convert.api
import convert.api.bundle
from convert.datasets.scenes import draw_scene
from convert.difference import Difference
from convert.errors import RuntimeFailure, SourceError, UsageError

pytestmark = pytest.mark.slow

OUT = Path("models/out/deeplab-shapes")
SOURCE = Path(convert.__file__).parents[1] / "models/raw/deeplab-shapes/frozen_inference_graph.pb"
PREDICTING = ["tflite-float32", "tflite-uint8", "onnx-float16", "onnx-uint8"]


@pytest.fixture(scope="module")
def called(road: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`convert ARGS` in a copy of the working folder of a finished run."""
    home = tmp_path_factory.mktemp("api") / "home"
    shutil.copytree(road.convert.home, home)
    return replace(road.convert, home=home)


@pytest.fixture
def at_home(called: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder, entered."""
    monkeypatch.chdir(called.home)
    monkeypatch.setenv("CONVERT_HOME", str(called.home))
    return Path(called.home)


@pytest.mark.parametrize("module", [convert.api, convert.api.bundle], ids=lambda m: m.__name__)
def test_the_examples_of_the_documentation_run(module: Any, at_home: Path) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 5
    assert found.failed == 0


def test_every_function_of_the_api_has_an_example() -> None:
    functions = [getattr(convert.api, name) for name in convert.api.__all__ if name != "Bundle"]
    assert [one.__name__ for one in functions if ">>> " not in (one.__doc__ or "")] == []


@pytest.mark.parametrize("name", PREDICTING)
def test_predict_answers_as_the_picture_is_drawn(name: str, at_home: Path) -> None:
    model = convert.open(OUT / name)
    scene = draw_scene(5, 150, 200)
    labels = model.predict(scene.image)
    assert labels.shape == (150, 200)
    counted = scene.mask != 255
    assert np.mean(labels[counted] == scene.mask[counted]) > 0.9


def test_a_path_a_pillow_picture_and_an_array_are_the_same_picture(at_home: Path) -> None:
    from PIL import Image

    picture = draw_scene(6, 140, 120).image
    Image.fromarray(picture).save("picture.png")
    model = convert.open(OUT / "onnx-float32")
    wanted = model.predict(picture)
    for other in ("picture.png", Path("picture.png"), Image.fromarray(picture)):
        np.testing.assert_array_equal(model.predict(other), wanted)


@pytest.mark.parametrize("no_picture", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), 7])
def test_what_is_no_picture_is_refused_by_name(no_picture: Any, at_home: Path) -> None:
    with pytest.raises(UsageError, match="is no picture"):
        convert.open(OUT / "onnx-float32").predict(no_picture)


def test_predict_needs_no_tensorflow(called: Any, at_home: Path) -> None:
    code = (
        "import sys, numpy, convert\n"
        "for name in sys.argv[1:]:\n"
        "    convert.open(name).predict(numpy.zeros((90, 160, 3), numpy.uint8))\n"
    )
    there = [str(OUT / name) for name in PREDICTING]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *there],
        env=called.without_tensorflow().environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_a_changed_model_is_not_opened(copied: Any) -> None:
    model = copied.out / "tflite-uint8" / "model.tflite"
    model.write_bytes(model.read_bytes()[:-1] + b"\1")
    with pytest.raises(SourceError, match=r"model\.tflite is not the model"):
        convert.open(copied.out / "tflite-uint8")


def test_a_folder_that_is_not_published_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a published variant"):
        convert.open(tmp_path)


def test_a_target_that_is_not_known_is_refused(at_home: Path) -> None:
    with pytest.raises(UsageError, match="'coreml'"):
        convert.run("deeplab-shapes", targets=["coreml"])  # type: ignore[list-item]


def test_figures_come_from_what_the_run_kept_with_a_paired_interval(road: Any, called: Any) -> None:
    done = called("diff", OUT / "tflite-float32", OUT / "onnx-uint8", "--json")
    assert done.returncode == 0, done.stderr
    found = Difference.model_validate_json(done.stdout)
    assert found.figures
    assert (found.figures.kept, found.figures.images) == (True, 12)
    report = json.loads(road.done.stdout)
    miou = {
        f"{one['target']}-{one['scheme']}": one["metrics"]["miou"]["value"]
        for one in report["variants"]
    }
    (figure,) = [one for one in found.figures.figures if one.name == "miou"]
    assert figure.a == pytest.approx(miou["tflite-float32"])
    assert figure.b == pytest.approx(miou["onnx-uint8"])
    assert figure.drop_ci95
    assert figure.drop_ci95[0] <= figure.drop <= figure.drop_ci95[1]


def test_figures_are_measured_anew_where_pictures_are_named(at_home: Path) -> None:
    found = convert.diff(OUT / "tflite-float32", OUT / "onnx-uint8", limit=3)
    assert found.figures
    assert (found.figures.kept, found.figures.images) == (False, 3)
    anew = {one.name: one for one in found.figures.figures}
    assert 0.97 < anew["agreement"].b < anew["agreement"].a == 1
    assert {one.key for one in found.changes} >= {
        "signature.inputs.0.layout",
        "signature.inputs.0.shape",
    }


@pytest.mark.parametrize("name", ["tflite-uint8", "onnx-uint8", "tfjs-uint8"])
def test_a_float_graph_compares_with_its_uint8_files(name: str, at_home: Path) -> None:
    found = convert.diff(SOURCE, OUT / name, bound=0.9)
    assert found.passed
    assert found.layers
    assert len(found.layers.layers) >= 50
    assert len(found.layers.weights) > 70
    assert any("no figures" in note for note in found.notes)


def test_a_damaged_layer_of_a_shipped_file_is_named(at_home: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "model.tflite"
    hurt = hurt_kernel(OUT / "tflite-float32" / "model.tflite", damaged, "expanded_conv_6/project")
    for whole in (SOURCE, OUT / "onnx-float32", OUT / "tfjs-uint8"):
        found = convert.diff(whole, damaged, bound=0.95)
        assert not found.passed
        assert found.layers
        assert hurt in str(found.layers.first_under)
        assert hurt in found.layers.weights[0].layer


def hurt_kernel(model: Path, damaged: Path, layer: str) -> str:
    """Turn the sign of a convolution's float32 kernel in a tflite file's bytes."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model))
    interpreter.allocate_tensors()
    names = {int(one["index"]): one["name"] for one in interpreter.get_tensor_details()}
    (op,) = [
        one
        for one in interpreter._get_ops_details()
        if one["op_name"] == "CONV_2D" and layer in names[int(one["outputs"][0])]
    ]
    kernel = interpreter.get_tensor(int(op["inputs"][1]))
    content = model.read_bytes()
    assert content.count(kernel.tobytes()) == 1
    damaged.write_bytes(content.replace(kernel.tobytes(), (-kernel).tobytes()))
    return layer


def test_a_layer_under_the_bound_is_exit_code_1(called: Any) -> None:
    pair = ("diff", OUT / "tflite-float32", OUT / "tflite-uint8")
    assert called(*pair, "--bound", "0.9").returncode == 0
    missed = called(*pair, "--bound", "0.9999999")
    assert missed.returncode == 1
    assert "the first layer with a cosine under" in missed.stdout
    lines = missed.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("miou") for line in lines)


def test_what_is_no_model_is_refused_with_its_path(called: Any, at_home: Path) -> None:
    Path("empty.tflite").write_bytes(b"")
    done = called("diff", "empty.tflite", OUT / "tflite-uint8", "--json")
    assert done.returncode == SourceError.exit_code
    assert "empty.tflite" in json.loads(done.stdout)["error"]


def test_a_broken_model_file_is_a_failure_of_its_runtime(at_home: Path) -> None:
    whole = (OUT / "tflite-uint8" / "model.tflite").read_bytes()
    Path("cut.tflite").write_bytes(whole[: len(whole) // 2])
    with pytest.raises((RuntimeFailure, SourceError), match=r"cut\.tflite"):
        convert.diff("cut.tflite", OUT / "tflite-uint8")


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import convert, sys; dir(convert); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(convert.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"numpy", "pydantic", "tensorflow", "onnxruntime", "ai_edge_litert", "convert.api"}
    assert not heavy & set(done.stdout.split())
