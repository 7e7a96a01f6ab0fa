"""A graph trained with simulated rounding gives a float core without it, and its ranges."""

import numpy as np
import pytest

from convert.graph.cut import cut
from convert.graph.discover.leftovers import find_leftovers, settled
from convert.graph.fake_quant import ranges
from convert.graph.fold_constants import fold_constants
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

RANDOM = np.random.default_rng(0)
KERNEL = RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32)
PICTURE = RANDOM.normal(size=(1, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def trained():
    """Picture -> rounded convolution -> Relu6 -> FakeQuant, as tf.contrib.quantize wrote it."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, [1, 8, 8, 3], name="image")
        quant = tf.quantization.fake_quant_with_min_max_vars
        seen = quant(image, tf.constant(-4.0), tf.constant(4.0), name="image_quant")
        weights = quant(tf.constant(KERNEL), -3.0, 3.0, name="weights_quant")
        relu = tf.nn.relu6(tf.nn.conv2d(seen, weights, 1, "SAME"), name="relu")
        low, high = (tf.identity(tf.constant(v)) for v in (0.0, 5.5))
        tf.identity(quant(relu, low, high, name="act_quant"), name="scores")
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=("scores",))


def test_the_ranges_of_the_activations_are_kept_by_the_tensors_names(trained):
    found = ranges(trained)
    assert found == {"image": (-4.0, 4.0), "relu": (0.0, 5.5)}


def test_the_core_is_the_float_network_with_the_weights_as_they_were_used(trained):
    tf = tensorflow()
    settled_graph = settled(trained, "image")
    core = cut(settled_graph, start="image", ends={"logits": "scores"}, shape=(1, 8, 8, 3))
    core = fold_constants(core)
    assert not [n.op for n in core.graph_def.node if "Quant" in n.op]
    used = tf.quantization.fake_quant_with_min_max_vars(KERNEL, -3.0, 3.0)
    wanted = tf.nn.relu6(tf.nn.conv2d(PICTURE, used, 1, "SAME")).numpy()
    np.testing.assert_allclose(function(core)(PICTURE)[0], wanted, atol=1e-5)


def test_inspect_says_that_rounding_was_simulated(trained):
    (found,) = (left for left in find_leftovers(trained) if left.kind == "fake_quant")
    assert found.count == 3
    assert "ranges are kept" in found.says
