"""The core keeps what its source knows of the ranges of its activations."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from convert.graph.tensorflow import tensorflow
from convert.memo import Memo
from convert.pipeline.core import Core, core
from convert.pipeline.plan import Options, plan
from convert.pipeline.settings import Settings
from convert.pipeline.stoppable import Stoppable
from convert.pipeline.work import Work
from convert.progress import Silence
from convert.recipe import Recipe
from convert.stages.pull import pull

SIDE = 16
CLASSES = 6


def network(rounded: bool) -> bytes:
    """Two convolutions, one with batch norm, trained with simulated rounding or without."""
    tf = tensorflow()
    draw = np.random.default_rng(2)

    def quant(x, least, most, name):
        if not rounded:
            return x
        bounds = [tf.identity(tf.constant(value)) for value in (least, most)]
        return tf.quantization.fake_quant_with_min_max_vars(x, *bounds, name=name)

    def kernel(*shape):
        return quant(tf.constant(draw.normal(size=shape).astype(np.float32)), -3.0, 3.0, "weights")

    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, [1, SIDE, SIDE, 3], name="image_in")
        seen = quant(image, -1.0, 1.0, "input_quant")
        x = tf.nn.conv2d(seen, kernel(3, 3, 3, 8), 1, "SAME")
        ones = [tf.constant(value, shape=[8]) for value in (1.5, 0.1, 0.2, 0.9)]
        x = tf.compat.v1.nn.fused_batch_norm(x, *ones, is_training=False)[0]
        x = quant(tf.nn.relu6(x, name="relu"), 0.0, 5.5, "relu_quant")
        x = tf.identity(x, name="passed_on")
        x = tf.nn.bias_add(tf.nn.conv2d(x, kernel(1, 1, 8, CLASSES), 1, "SAME"), [0.5] * CLASSES)
        x = quant(tf.identity(x, name="sum"), -9.0, 11.0, "sum_quant")
        tf.identity(x, name="scores")
    return graph.as_graph_def().SerializeToString()


def cored(folder: Path, content: bytes) -> tuple[Work, Core]:
    file = folder / "network.pb"
    file.write_bytes(content)
    ends = {"original_input": "image_in", "original_output": "scores"}
    recipe = Recipe.model_validate(
        {
            "name": "rounded",
            "title": "Trained for eight bits",
            "task": "segmentation",
            "source": {
                "format": "frozen_graph",
                "path": str(file),
                "sha256": hashlib.sha256(content).hexdigest(),
            },
            "license": {"id": "CC0-1.0", "evidence": "made by this test"},
            "cut": {**ends, "input": "image_in", "output": "scores"},
            "preprocessing": {"size": (SIDE, SIDE), "scale": (0.004, 0.004, 0.004)},
            "postprocessing": {"decode": "argmax", "restore": {"method": "nearest"}},
            "classes": CLASSES,
            "dataset": {"kind": "shapes"},
            "metric": "miou",
            "targets": {"tflite": {}},
        }
    )
    settings, progress = Settings(home=folder), Stoppable(Silence())
    planned = plan(recipe, settings, Options())
    pulled = pull(
        recipe,
        raw=settings.raw,
        mirror=None,
        from_file=None,
        accepted=frozenset(),
        progress=progress,
    )
    memo = Memo(settings.work / recipe.name)
    work = Work(plan=planned, memo=memo, progress=progress, source=pulled)
    return work, core(work)


def test_a_core_knows_the_ranges_that_its_source_was_trained_for(tmp_path: Path) -> None:
    work, made = cored(tmp_path, network(rounded=True))
    named = {name: made.graph.node(name).op for name in made.ranges}
    assert named == {
        "image": "Placeholder",
        "relu": "Relu6",
        "BiasAdd": "BiasAdd",
        "logits": "Identity",
    }
    wanted = {"image": (-1, 1), "relu": (0, 5.5), "BiasAdd": (-9, 11), "logits": (-9, 11)}
    assert made.ranges == wanted
    again = core(work)
    assert (again.path, again.ranges) == (made.path, made.ranges)


def test_a_core_of_a_plain_source_knows_of_none(tmp_path: Path) -> None:
    _, made = cored(tmp_path, network(rounded=False))
    assert made.ranges == {}


@pytest.mark.parametrize("rounded", [True, False])
def test_the_cores_are_the_same_network_either_way(tmp_path: Path, rounded: bool) -> None:
    _, made = cored(tmp_path, network(rounded))
    assert [n.op for n in made.graph.graph_def.node if n.op == "FusedBatchNormV3"] == []
    assert made.facts.proof.passed
