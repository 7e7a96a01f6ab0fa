"""A dilated depthwise convolution written out for TensorFlow's CPU kernel stays what it was."""

from collections import Counter

import numpy as np
import pytest

from convert.errors import UnsupportedError
from convert.graph.expand_atrous import expand_atrous
from convert.graph.fuse_atrous import fuse_atrous
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow


def dilated(size, kernel, rate, padding) -> Graph:
    """`image` -> dilated depthwise convolution "out"."""
    tf = tensorflow()
    weights = np.random.default_rng(7).normal(size=(*kernel, 2, 2)).astype(np.float32)
    with tf.Graph().as_default() as graph:
        tf.raw_ops.DepthwiseConv2dNative(
            input=tf.compat.v1.placeholder(tf.float32, (1, *size, 2), name="image"),
            filter=weights,
            strides=[1, 1, 1, 1],
            padding=padding,
            dilations=[1, *rate, 1],
            name="out",
        )
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=("out",))


def by_hand(graph: Graph, image: np.ndarray, rate, padding) -> np.ndarray:
    """The convolution's definition, tap by tap."""
    kernel = graph.constant(graph.node("out").input[1])
    spans = [(side - 1) * r for side, r in zip(kernel.shape[:2], rate, strict=True)]
    if padding == "SAME":
        pads = [(span // 2, span - span // 2) for span in spans]
        image = np.pad(image, [(0, 0), *pads, (0, 0)])
    height, width = (side - span for side, span in zip(image.shape[1:3], spans, strict=True))
    total = np.zeros((1, height, width, 2, 2))
    for row, column in np.ndindex(kernel.shape[:2]):
        top, left = row * rate[0], column * rate[1]
        window = image[:, top : top + height, left : left + width, :, np.newaxis]
        total += window * kernel[row, column]
    return total.reshape(1, height, width, 4)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 2), (4, 3), (1, 5)])
@pytest.mark.parametrize(
    ("size", "rate"), [((17, 23), (2, 2)), ((16, 24), (4, 4)), ((18, 19), (3, 2))]
)
def test_the_written_out_convolution_is_the_convolution(size, kernel, rate, padding):
    graph = dilated(size, kernel, rate, padding)
    image = np.random.default_rng(1).normal(size=(1, *size, 2)).astype(np.float32)
    written = expand_atrous(graph)
    ops = Counter(n.op for n in written.graph_def.node)
    assert ops["SpaceToBatchND"] == ops["BatchToSpaceND"] == 1
    (found,) = function(written)(image)
    np.testing.assert_allclose(found, by_hand(graph, image, rate, padding), atol=1e-4)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("side", [2, 3])
def test_fusing_again_gives_back_the_one_convolution(side, padding):
    graph = dilated((17, 23), (side, side), (2, 2), padding)
    again = fuse_atrous(expand_atrous(graph))
    assert "SpaceToBatchND" not in Counter(n.op for n in again.graph_def.node)
    assert list(again.node("out").attr["dilations"].list.i) == [1, 2, 2, 1]
    if padding == "SAME":
        assert again.node("out").attr["padding"].s == b"SAME"


def test_a_graph_without_dilations_is_given_back():
    graph = dilated((9, 9), (3, 3), (1, 1), "SAME")
    assert expand_atrous(graph) is graph


def test_a_map_of_free_size_is_refused_by_name():
    graph = dilated((None, None), (3, 3), (2, 2), "SAME")
    with pytest.raises(UnsupportedError, match="'out'"):
        expand_atrous(graph)


def test_a_graph_whose_outputs_are_not_named_is_run_up_to_what_is_asked_for():
    named = dilated((9, 9), (3, 3), (2, 2), "SAME")
    unnamed = Graph(graph_def=named.graph_def, inputs=("image",), outputs=())
    image = np.ones((1, 9, 9, 2), np.float32)
    fed, found = function(unnamed, "image", "out")(image)
    np.testing.assert_array_equal(fed, image)
    np.testing.assert_array_equal(found, function(named)(image)[0])
