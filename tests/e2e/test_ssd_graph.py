"""A frozen graph as TensorFlow's object detection API exports them goes down the whole road.

Built like ssd_mobilenet_v1_coco, in miniature: pictures are resized inside one while loop, and
non-maximum suppression runs inside another. The recipe is the shipped one, at this graph's size.
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

pytestmark = pytest.mark.slow

RECIPES = Path(__file__).parents[2] / "recipes"
SHIPPED = RECIPES / "coco-ssd-mobilenet-v1.toml"
SIDE, STRIDES, CLASSES, MOST = 64, (8, 16, 32), 4, 100
SCENES = 12
Tensor = Any


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


def detector(draw: np.random.Generator) -> None:
    """From `image_tensor` to `detection_boxes` and its like, in the default graph."""
    tf = tensorflow()
    picture = tf.compat.v1.placeholder(tf.uint8, [None, None, None, 3], "image_tensor")
    features = preprocessed(tf.cast(picture, tf.float32, "ToFloat"))
    predicted = []
    with tf.name_scope("FeatureExtractor/MobilenetV1/"):
        features = separable(draw, convolution(draw, features, 8, "Conv2d_0"), 16, "Conv2d_1")
    for layer in range(len(STRIDES)):
        with tf.name_scope("FeatureExtractor/MobilenetV1/"):
            features = separable(draw, features, 24, f"Conv2d_{layer + 2}_pointwise")
        predicted.append(predictor(draw, features, layer))
    offsets, scores = zip(*predicted, strict=True)
    joined = tf.concat(offsets, 1, "concat")
    places = tf.squeeze(joined, 2, "Squeeze")
    postprocessed(places, tf.concat(scores, 1, "concat_1"))


def preprocessed(pictures: Tensor) -> Tensor:
    tf = tensorflow()

    def resized(picture: Tensor) -> Tensor:
        with tf.name_scope("ResizeImage"):
            one = tf.compat.v1.image.resize_bilinear(picture[None], (SIDE, SIDE))
            return tf.squeeze(one, 0)

    with tf.name_scope("Preprocessor/"):
        stacked = tf.map_fn(resized, pictures, fn_output_signature=tf.float32, name="map")
        return tf.subtract(tf.multiply(stacked, 2.0 / 255.0, "mul"), 1.0, "sub")


def convolution(draw: np.random.Generator, x: Tensor, filters: int, name: str) -> Tensor:
    tf = tensorflow()
    kernel = weights(draw, (3, 3, int(x.shape[-1]), filters))
    return activated(draw, tf.nn.conv2d(x, kernel, 2, "SAME", name=name))


def separable(draw: np.random.Generator, x: Tensor, filters: int, name: str) -> Tensor:
    tf = tensorflow()
    depthwise = weights(draw, (3, 3, int(x.shape[-1]), 1))
    x = tf.nn.depthwise_conv2d(x, depthwise, [1, 2, 2, 1], "SAME", name=f"{name}_depthwise")
    x = activated(draw, x)
    kernel = weights(draw, (1, 1, int(x.shape[-1]), filters))
    return activated(draw, tf.nn.conv2d(x, kernel, 1, "SAME", name=name))


def activated(draw: np.random.Generator, x: Tensor) -> Tensor:
    tf = tensorflow()
    scale, offset, mean = (draw.normal(m, 0.2, int(x.shape[-1])) for m in (1.5, 0.5, 0.0))
    terms = [tf.constant(part, tf.float32) for part in (scale, offset, mean, np.ones_like(mean))]
    normal = tf.compat.v1.nn.fused_batch_norm(x, *terms, epsilon=0.001, is_training=False)[0]
    return tf.nn.relu6(normal)


def weights(draw: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    fan_in = np.prod(shape[:3]) if shape[3] > 1 else 9
    values = draw.normal(0, np.sqrt(2 / fan_in), shape)
    return tensorflow().constant(values, tensorflow().float32)


def predictor(draw: np.random.Generator, x: Tensor, layer: int) -> tuple[Tensor, Tensor]:
    """Offsets [?, N, 1, 4] and scores [?, N, CLASSES] of one layer."""
    tf = tensorflow()
    shapes = 3 if layer == 0 else 6
    with tf.name_scope(f"BoxPredictor_{layer}/"):
        batch = tf.shape(x)[0]
        kernels = [weights(draw, (1, 1, 24, shapes * many)) / 2 for many in (4, CLASSES)]
        boxes, scores = (tf.nn.conv2d(x, kernel, 1, "SAME") for kernel in kernels)
        scores = tf.nn.bias_add(scores, np.full(shapes * CLASSES, -4.5, np.float32))
        return (
            tf.reshape(boxes, tf.stack([batch, -1, 1, 4])),
            tf.reshape(scores, tf.stack([batch, -1, CLASSES])),
        )


def postprocessed(places: Tensor, scores: Tensor) -> None:
    tf = tensorflow()
    with tf.name_scope("Postprocessor/"):
        boxes = decoded(places)
        likely = tf.sigmoid(scores, "convert_scores")[:, :, 1:]
        kinds = (tf.float32, tf.float32, tf.float32)
        with tf.name_scope("BatchMultiClassNonMaxSuppression"):
            found = tf.map_fn(suppressed, (boxes, likely), fn_output_signature=kinds, name="map")
    names = ("detection_boxes", "detection_scores", "detection_classes")
    for tensor, name in zip(found, names, strict=True):
        tf.identity(tensor, name)
    tf.reduce_sum(tf.cast(found[1] > 0, tf.float32), 1, name="num_detections")


def decoded(places: Tensor) -> Tensor:
    """Corners, as the API's FasterRcnnBoxCoder makes them."""
    tf = tensorflow()
    grid = tiled([-(-SIDE // stride) for stride in STRIDES]).astype(np.float32)
    centre = places[..., :2] / 10 * grid[:, 2:] + grid[:, :2]
    half = tf.exp(places[..., 2:] / 5) * grid[:, 2:] / 2
    return tf.concat([centre - half, centre + half], -1)


def tiled(grids: list[int]) -> Any:
    """Anchors [N, 4] (centre y and x, height, width) as the API's create_ssd_anchors makes them."""
    scales = [*np.linspace(0.2, 0.95, len(grids)), 1.0]
    found = []
    for layer, cells in enumerate(grids):
        between = np.sqrt(scales[layer] * scales[layer + 1])
        shapes = [(scales[layer], ratio) for ratio in (1, 2, 0.5, 3, 0.3333)] + [(between, 1)]
        if layer == 0:
            shapes = [(0.1, 1), (scales[0], 2), (scales[0], 0.5)]
        centres = [(cell + 0.5) / cells for cell in range(cells)]
        sides = [(scale / np.sqrt(ratio), scale * np.sqrt(ratio)) for scale, ratio in shapes]
        found += [(y, x, *side) for y in centres for x in centres for side in sides]
    return np.array(found)


def suppressed(of_one: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """The detections of one picture: boxes [MOST, 4], scores [MOST] and classes [MOST]."""
    tf = tensorflow()
    boxes, likely = of_one
    parts = []
    for kind in range(CLASSES - 1):
        kept = tf.image.non_max_suppression(boxes, likely[:, kind], MOST, 0.6, 0.3)
        one = tf.gather(likely[:, kind], kept)
        parts.append((tf.gather(boxes, kept), one, tf.fill(tf.shape(one), float(kind + 1))))
    places, scores, kinds = (tf.concat(part, 0) for part in zip(*parts, strict=True))
    best = tf.math.top_k(scores, tf.minimum(MOST, tf.size(scores))).indices
    room = MOST - tf.size(best)
    return (
        tf.pad(tf.gather(places, best), [[0, room], [0, 0]]),
        tf.pad(tf.gather(scores, best), [[0, room]]),
        tf.pad(tf.gather(kinds, best), [[0, room]]),
    )


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
