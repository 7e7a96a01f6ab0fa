"""One of every kind added, and a model that takes them all down the whole road."""

import pytest

from .checkout import KINDS, Checkout


def add_everything(checkout: Checkout) -> None:
    checkout.add(KINDS["source reader"], "graph_text")
    checkout.add(KINDS["target"], "core_graph")
    checkout.add(KINDS["runtime"], "by_tensorflow")
    checkout.add(KINDS["metric"], "pixels_right")
    checkout.add(KINDS["dataset"], "halves")


MODEL = """
import hashlib
from pathlib import Path
import numpy as np
from convert.graph.tensorflow import tensorflow
tf = tensorflow()
with tf.Graph().as_default() as graph:
    pixels = tf.compat.v1.placeholder(tf.float32, [1, 16, 16, 3], name="pixels")
    kernel = np.array([[[[-1, 1]] * 3]], np.float32)
    bright = tf.nn.conv2d(pixels, tf.constant(kernel), 1, "SAME")
    tf.nn.bias_add(bright, tf.constant([350.0, -350.0]), name="scores")
path = Path("recipes/model.pbtxt")
path.write_text(str(graph.as_graph_def()))
print(hashlib.sha256(path.read_bytes()).hexdigest())
"""


@pytest.mark.slow
def test_all_of_them_together_take_a_model_down_the_whole_road(checkout: Checkout) -> None:
    add_everything(checkout)
    sha256 = checkout.python(MODEL).strip()
    named = {"source": "graph_text", "target": "core_graph", "dataset": "halves"}
    checkout.add_recipe("mine", metric="pixels_right", sha256=sha256, **named)
    report = checkout.convert("run", "mine")
    assert isinstance(report, dict)
    (variant,) = report["variants"]
    assert variant["passed"]
    assert variant["verified_by"] == "by_tensorflow"
    assert variant["metrics"]["pixels_right"]["value"] > 0.99
    assert (checkout.root / "models/out/mine" / variant["path"]).is_file()


def test_the_floors_hold_with_all_of_them(checkout: Checkout) -> None:
    add_everything(checkout)
    said = checkout.python("from importlinter.cli import lint_imports_command as check; check()")
    assert " 0 broken" in said
