import numpy as np
import pytest

from convert.graph.run import function
from convert.quantizers.layers import kernel, layers
from convert.quantizers.patches import patches


def _layer(build, op, shape, **attributes):
    name = build.conv("conv", build.image(9, 8, 3), shape, op=op, bias=0.0)
    conv = next(n for n in build.nodes if n.name == "conv/conv")
    for key, value in attributes.items():
        if key == "padding":
            conv.attr[key].s = value
        else:
            conv.attr[key].list.i[:] = value
    graph = build.graph(name)
    return graph, layers(graph)[0]


@pytest.mark.parametrize("padding", [b"SAME", b"VALID"])
@pytest.mark.parametrize(
    ("strides", "rates"), [((1, 1), (1, 1)), ((2, 2), (1, 1)), ((1, 1), (2, 2))]
)
@pytest.mark.parametrize("shape", [(1, 1, 3, 4), (3, 3, 3, 4), (2, 3, 3, 4)])
def test_windows_times_the_kernel_are_what_the_layer_gives(build, padding, strides, rates, shape):
    attributes = {"padding": padding, "strides": [1, *strides, 1], "dilations": [1, *rates, 1]}
    graph, layer = _layer(build, "Conv2D", shape, **attributes)
    picture = np.random.default_rng(1).normal(size=(1, 9, 8, 3)).astype(np.float32)
    (wanted,) = function(graph)(picture)
    windows = patches(picture, graph.node(layer.name), shape[:2], 1000)
    made = windows.reshape(len(windows), -1) @ kernel(graph, layer).reshape(-1, 4)
    np.testing.assert_allclose(made, wanted.reshape(-1, 4), rtol=1e-4, atol=1e-4)


def test_no_more_windows_than_asked_for_and_the_same_ones_each_time(build):
    graph, layer = _layer(build, "Conv2D", (3, 3, 3, 4))
    picture = np.random.default_rng(1).normal(size=(1, 9, 8, 3)).astype(np.float32)
    first, again = (patches(picture, graph.node(layer.name), (3, 3), 10) for _ in range(2))
    assert first.shape == (10, 9, 3)
    np.testing.assert_array_equal(first, again)
