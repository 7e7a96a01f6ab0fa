"""Graphs that no recipe names go through `new` and `run`, whatever they are told to answer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert import recipes
from convert.graph.tensorflow import tensorflow
from convert.pipeline.plan import Options, plan
from convert.pipeline.run import run
from convert.pipeline.settings import Settings
from convert.progress import Silence
from convert.recipe import DatasetChoice, Recipe
from convert.report import Report
from convert.stages.new import new

pytestmark = pytest.mark.slow

SIDE, CELLS, CLASSES = 64, 8, 3
Tensor = Any


@dataclass(frozen=True)
class Layers:
    """Random, fixed weights."""

    draw: np.random.Generator

    def kernel(self, *shape: int) -> Tensor:
        return self.draw.normal(0, np.sqrt(2 / np.prod(shape[:3])), shape).astype(np.float32)

    def conv(self, x: Tensor, filters: int) -> Tensor:
        tf = tensorflow()
        return tf.nn.relu(tf.nn.conv2d(x, self.kernel(3, 3, int(x.shape[-1]), filters), 2, "SAME"))

    def features(self, x: Tensor) -> Tensor:
        """[1, CELLS, CELLS, 16] of a picture."""
        return self.conv(self.conv(self.conv(x, 8), 16), 16)


Body = Callable[[Layers], None]


def rows(layers: Layers, depth: int) -> Tensor:
    """[1, CELLS * CELLS, depth] of a new picture input."""
    tf = tensorflow()
    picture = tf.compat.v1.placeholder(tf.float32, [1, SIDE, SIDE, 3], "images")
    found = tf.nn.conv2d(layers.features(picture), layers.kernel(1, 1, 16, depth), 1, "SAME")
    return tf.reshape(found, [1, CELLS * CELLS, depth])


def yolo(*, objectness: bool, transposed: bool, fractions: bool) -> Body:
    """A head that decodes its boxes, as Ultralytics' exporters write it."""

    def body(layers: Layers) -> None:
        tf = tensorflow()
        likely = tf.sigmoid(rows(layers, 4 + objectness + CLASSES))
        down, across = np.divmod(np.arange(CELLS * CELLS), CELLS)
        cell = np.stack([across, down], -1).astype(np.float32)
        centres = (likely[..., :2] * 2 - 0.5 + cell) * (SIDE / CELLS)
        sides = (likely[..., 2:4] * 2) ** 2 * 16
        box = tf.concat([centres, sides], -1) / (SIDE if fractions else 1)
        made = tf.concat([box, likely[..., 4:]], -1)
        tf.identity(tf.transpose(made, [0, 2, 1]) if transposed else made, "output0")

    return body


def undecoded(layers: Layers) -> None:
    tensorflow().identity(rows(layers, 5 + CLASSES), "output0")


def normals(layers: Layers) -> None:
    tf = tensorflow()
    picture = tf.compat.v1.placeholder(tf.float32, [1, SIDE, SIDE, 3], "images")
    tf.nn.conv2d(layers.features(picture), layers.kernel(1, 1, 16, 3), 1, "SAME", name="normals")


def tags(layers: Layers) -> None:
    """Several labels may hold for one picture."""
    tf = tensorflow()
    picture = tf.compat.v1.placeholder(tf.float32, [1, SIDE, SIDE, 3], "images")
    pooled = tf.reduce_mean(layers.features(picture), [1, 2])
    tf.sigmoid(tf.matmul(pooled, layers.kernel(16, 7)), name="tags")


def written(body: Body, folder: Path) -> Recipe:
    """What `convert new` writes of a graph, with the drawn scenes as its dataset."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        body(Layers(np.random.default_rng(11)))
    file = folder / "net.pb"
    file.write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
    recipe = recipes.load(new(file, name="net", recipes=folder))
    return recipe.model_copy(update={"dataset": DatasetChoice(kind="masks", folder="scenes")})


def ran(recipe: Recipe, scenes: Path, home: Path) -> Report:
    settings = Settings(home=home, datasets=scenes)
    return run(plan(recipe, settings, Options(schemes=("float32",), limit=4)), Silence())


def whole(report: Report) -> bool:
    return report.passed and [v.error for v in report.variants] == [None] * 3


@pytest.mark.parametrize("fractions", [False, True])
@pytest.mark.parametrize(("objectness", "transposed"), [(True, False), (False, True)])
def test_a_detector_whose_boxes_and_scores_are_one_output_is_run(
    objectness: bool, transposed: bool, fractions: bool, scenes: Path, tmp_path: Path
) -> None:
    kind = yolo(objectness=objectness, transposed=transposed, fractions=fractions)
    recipe = written(kind, tmp_path)
    how = recipe.postprocessing.merged
    assert how is not None
    assert (how.objectness, how.transposed) == (objectness, transposed)
    assert how.units == ("fractions" if fractions else "pixels")
    assert (recipe.task, recipe.metric, recipe.classes) == ("detection", "detection", CLASSES)
    report = ran(recipe, scenes, tmp_path)
    assert whole(report)
    assert report.reference.metrics["box_f1"] == 1


@pytest.mark.parametrize("body", [undecoded, normals, tags])
def test_what_is_not_understood_is_compared_as_numbers(
    body: Body, scenes: Path, tmp_path: Path
) -> None:
    recipe = written(body, tmp_path)
    assert (recipe.task, recipe.metric) == ("other", "parity")
    assert recipe.postprocessing.tensors
    assert "not told by the graph" in " ".join((tmp_path / "net.toml").read_text().split("\n# "))
    report = ran(recipe, scenes, tmp_path)
    assert whole(report)
    assert report.reference.metrics["parity"] == 1


def first(layers: Layers) -> Tensor:
    """Features [1, 24, SIDE / 4, SIDE / 4] with channels first: convolution, norm, sum, pools."""
    tf = tensorflow()
    x = tf.compat.v1.placeholder(tf.float32, [1, 3, SIDE, SIDE], "images")
    kinds = {"data_format": "NCHW"}
    padded = tf.pad(x / 127.5 - 1.0, [[0, 0], [0, 0], [1, 1], [1, 1]])
    net = tf.nn.conv2d(padded, layers.kernel(3, 3, 3, 8), [1, 1, 2, 2], "VALID", **kinds)
    net = tf.nn.bias_add(net, layers.kernel(8), **kinds)
    terms = [layers.draw.uniform(0.5, 1, 8).astype(np.float32) for _ in range(4)]
    net = tf.compat.v1.nn.fused_batch_norm(net, *terms, is_training=False, **kinds)[0]
    deep = tf.raw_ops.DepthwiseConv2dNative(
        input=tf.nn.relu6(net),
        filter=layers.kernel(3, 3, 8, 1),
        strides=[1] * 4,
        padding="SAME",
        **kinds,
    )
    joined = tf.concat([net + deep, deep * layers.kernel(8, 1, 1), net], 1)
    return tf.nn.max_pool2d(joined, 2, 2, "VALID", **kinds)


def first_classifier(layers: Layers) -> None:
    tf = tensorflow()
    pooled = tf.reduce_mean(first(layers), [2, 3])
    tf.matmul(pooled, layers.kernel(24, 10), name="logits")


def first_segmenter(layers: Layers) -> None:
    tf = tensorflow()
    kernel = layers.kernel(1, 1, 24, 5)
    tf.nn.conv2d(first(layers), kernel, 1, "SAME", data_format="NCHW", name="logits")


@pytest.mark.parametrize(
    ("body", "task"),
    [(first_classifier, "classification"), (first_segmenter, "segmentation")],
)
def test_a_network_with_its_channels_first_is_run(
    body: Body, task: str, scenes: Path, tmp_path: Path
) -> None:
    recipe = written(body, tmp_path)
    assert recipe.task == task
    assert recipe.preprocessing.mean == (127.5, 127.5, 127.5)
    parity = {"metric": "parity", "task": "other"}
    post = recipe.postprocessing.model_copy(update={"decode": "none"})
    given = recipe.model_copy(update=parity if task == "classification" else {})
    if task == "classification":
        given = given.model_copy(update={"postprocessing": post})
    assert [v.error for v in ran(given, scenes, tmp_path).variants] == [None] * 3
