"""A frozen graph as TensorFlow's object detection API exports them goes down the whole road.

The recipe is the shipped one, at this graph's size.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convert import recipes
from convert.datasets.scenes import draw_scene
from convert.errors import UsageError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.pictures.anchors import anchors
from convert.pipeline.again import verify_again
from convert.pipeline.core import ends
from convert.pipeline.plan import Options, plan
from convert.pipeline.run import run
from convert.pipeline.settings import Settings
from convert.progress import Silence
from convert.recipe import Recipe
from convert.report import Report
from convert.runtimes.reference import Reference
from convert.sources.frozen_graph import read
from convert.stages.new import new

from .ssd import CLASSES, MOST, SIDE, STRIDES, detector, tiled

pytestmark = pytest.mark.slow

RECIPES = Path(__file__).parents[2] / "recipes"
SHIPPED = RECIPES / "coco-ssd-mobilenet-v1.toml"
SCENES = 12


@contextmanager
def frames() -> Iterator[None]:
    """Loops as TensorFlow 1 wrote them: Enter, Merge, Switch, NextIteration and Exit."""
    tf = tensorflow()
    tf.compat.v1.disable_control_flow_v2()
    try:
        yield
    finally:
        tf.compat.v1.enable_control_flow_v2()


@contextmanager
def functions() -> Iterator[None]:
    """Loops as TensorFlow 2 writes them: While, whose body is in the graph's library."""
    yield


@pytest.fixture(scope="module", params=[frames, functions], ids=lambda loops: loops.__name__)
def frozen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph as a file."""
    tf = tensorflow()
    with request.param(), tf.Graph().as_default() as graph:
        detector(np.random.default_rng(5))
    file = tmp_path_factory.mktemp(request.param.__name__) / "frozen_inference_graph.pb"
    file.write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
    return file


def recipe_of(file: Path) -> Recipe:
    """The shipped recipe at the size of a file."""
    given: dict[str, Any] = tomllib.loads(SHIPPED.read_text())
    content = file.read_bytes()
    given["source"] = {
        "format": "frozen_graph",
        "path": str(file),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }
    given["classes"], given["labels"] = CLASSES, given["labels"][:CLASSES]
    given["preprocessing"]["size"] = (SIDE, SIDE)
    given["postprocessing"]["boxes"]["anchors"] |= {"input_size": (SIDE, SIDE), "strides": STRIDES}
    given["dataset"] = {"kind": "masks", "folder": "scenes"}
    return Recipe.model_validate({"name": "ssd-in-miniature", **given})


@pytest.fixture(scope="module")
def written(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """What `convert new` writes of the file, with the scenes as its dataset."""
    loaded = recipes.load(new(frozen, name="ssd", recipes=tmp_path_factory.mktemp("recipes")))
    return loaded.model_copy(update={"dataset": recipe_of(frozen).dataset})


def test_new_finds_in_the_graph_what_the_shipped_recipe_says(frozen: Path, written: Recipe) -> None:
    shipped = recipe_of(frozen)
    assert (written.task, written.classes, written.metric) == ("detection", CLASSES, "detection")
    assert written.cut.outputs == shipped.cut.outputs
    assert (written.cut.original_input, written.cut.input) == ("image_tensor", "Preprocessor/sub")
    assert written.preprocessing == shipped.preprocessing
    assert written.postprocessing == shipped.postprocessing


@pytest.fixture(scope="module")
def report(written: Recipe, scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, datasets=scenes)
    planned = plan(written, settings, Options(schemes=("float32",)))
    made = run(planned, Silence())
    published = {manifest.parent.name for manifest in planned.out.glob("*/manifest.json")}
    assert published == {str(key) for key in planned.variants}
    return made


def test_the_shipped_recipe_leaves_to_the_graph_what_the_graph_says(
    frozen: Path, report: Report, scenes: Path, tmp_path: Path
) -> None:
    recipe = recipe_of(frozen)
    assert recipe.cut.missing == ("original_input", "input")
    settings = Settings(home=tmp_path, datasets=scenes)
    planned = plan(recipe, settings, Options(schemes=("float32",), targets=("tflite",)))
    (variant,) = run(planned, Silence()).variants
    (other,) = [v for v in report.variants if v.target == "tflite"]
    assert variant.passed
    assert variant.metrics == other.metrics


def test_the_cut_is_proven(report: Report) -> None:
    assert report.cut.passed
    assert report.cut.value <= report.cut.bound


def test_every_float32_file_detects_what_the_reference_does(report: Report) -> None:
    assert report.passed
    for variant in report.variants:
        assert (variant.error, variant.passed) == (None, True)


def own(graph: Graph, picture: Any) -> Any:
    """The graph's own detections of a picture, as the recipe's would be."""
    names = ("detection_classes", "detection_scores", "detection_boxes")
    call = function(replace(graph, inputs=("image_tensor",)), *names)
    classes, scores, boxes = (found[0] for found in call(picture[np.newaxis]))
    height, width = picture.shape[:2]
    return np.column_stack([classes, scores, boxes * (height, width, height, width)])[scores > 0]


def test_the_recipe_detects_what_the_graph_s_own_postprocessor_does(
    frozen: Path, written: Recipe
) -> None:
    recipe, graph = written, read(frozen)
    pre, post = recipe.preprocessing, recipe.postprocessing
    reference = Reference(graph, ends(recipe.cut, pre), pre, post)
    for seed in range(SCENES // 2):
        picture = draw_scene(seed).image
        wanted = own(graph, picture)
        assert 1 < len(wanted) < MOST
        np.testing.assert_allclose(reference.predict(picture), wanted, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("name", ["coco-ssd-mobilenet-v1", "coco-ssd-lite-mobilenet-v2"])
def test_the_anchors_of_a_shipped_recipe_are_those_of_the_api(name: str) -> None:
    boxes = recipes.load(RECIPES / f"{name}.toml").postprocessing.boxes
    assert boxes
    found = anchors(boxes.anchors)
    assert found.shape == (1917, 4)
    np.testing.assert_allclose(found, tiled([19, 10, 5, 3, 2, 1]), atol=1e-6)


def test_against_boxes_in_coco_s_layout_it_is_scored_by_mean_average_precision(
    frozen: Path, tmp_path: Path
) -> None:
    recipe = recipe_of(frozen)
    truth = tmp_path / "boxes"
    found = {"original_input": "image_tensor", "input": "Preprocessor/sub"}
    whole = recipe.cut.model_copy(update=found)
    boxed(
        truth,
        recipe,
        Reference(read(frozen), ends(whole, recipe.preprocessing), *ways(recipe)),
    )
    options = Options(schemes=("float32",), targets=("onnx",), dataset=truth)
    planned = plan(recipe, Settings(home=tmp_path), options)
    assert (planned.recipe.metric, planned.dataset) == ("coco_map", "coco val")
    assert len(planned.evaluation) + len(planned.calibration) == SCENES
    made = run(planned, Silence())
    assert made.reference.metrics == pytest.approx({"coco_map": 1, "ap50": 1})
    (variant,) = made.variants
    assert variant.passed
    assert variant.metrics["coco_map"].value > 0.99
    assert [gate.gate for gate in variant.gates] == ["coco_map_drop"]
    again = verify_again(planned.out / "onnx-float32", planned.settings, truth, None, Silence())
    assert again.passed
    assert again.metrics["coco_map"] == variant.metrics["coco_map"].value
    missing = recipe.model_copy(update={"labels": ("???", *"abcdefghijk"[: CLASSES - 1])})
    with pytest.raises(UsageError, match="person"):
        plan(missing, Settings(home=tmp_path), options)


def ways(recipe: Recipe) -> tuple[Any, Any]:
    return recipe.preprocessing, recipe.postprocessing


def boxed(folder: Path, recipe: Recipe, detector: Reference) -> None:
    """Drawn pictures whose true boxes are those that the reference finds."""
    (folder / "annotations").mkdir(parents=True)
    (folder / "val").mkdir()
    images, annotations = [], []
    for number in range(SCENES):
        picture = draw_scene(number).image
        Image.fromarray(picture).save(folder / f"val/{number:02}.png")
        images.append({"id": number, "file_name": f"{number:02}.png"})
        for kind, _, top, left, bottom, right in detector.predict(picture).astype(float):
            box = [left, top, right - left, bottom - top]
            annotations.append({"image_id": number, "category_id": int(kind) + 50, "bbox": box})
    names = enumerate(recipe.labels[1:], start=51)
    categories = [{"id": number, "name": name} for number, name in names]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations/instances_val.json").write_text(json.dumps(content))
