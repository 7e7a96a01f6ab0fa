import numpy as np
import pytest

from convert.errors import UnsupportedError
from convert.graph.nodes import float_attributes, identity, node
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.quantizers.layers import kernel, layers, with_constants, with_own_biases


def _hard_swish(build, name, data):
    three, sixth = build.const(f"{name}/3", 3.0), build.const(f"{name}/6", 1 / 6)
    added = build.plain("AddV2", f"{name}/add", data, three)
    clipped = build.plain("Relu6", f"{name}/clip", added)
    gate = build.plain("Mul", f"{name}/gate", clipped, sixth)
    return build.plain("Mul", name, data, gate)


def _prelu(build, name, data):
    slopes = build.const(f"{name}/slopes", -np.linspace(0.1, 0.4, 4))
    negative = build.plain("Relu", f"{name}/relu", build.plain("Neg", f"{name}/neg", data))
    sloped = build.plain("Mul", f"{name}/mul", slopes, negative)
    return build.plain("AddV2", name, build.plain("Relu", f"{name}/positive", data), sloped)


def test_a_layer_is_its_convolution_bias_and_activation(build):
    first = build.plain("Relu6", "relu", build.conv("first", build.image(6, 6, 3), (3, 3, 3, 4)))
    last = build.conv("last", first, (1, 1, 4, 2))
    one, two = layers(build.graph(last))
    assert (one.name, one.kernel, one.bias) == ("first/conv", "first/kernel", "first/bias")
    assert (one.activation, one.final, one.data) == ("Relu6", "relu", "image")
    assert one.inner == {"first/conv", "first"}
    assert one.readers == ("last/conv",)
    assert (two.activation, two.final, two.readers) == (None, "last", ())


@pytest.mark.parametrize(("spell", "kind"), [(_hard_swish, "HardSwish"), (_prelu, "Prelu")])
def test_an_activation_of_several_nodes_is_one(build, spell, kind):
    conv = build.conv("first", build.image(6, 6, 3), (3, 3, 3, 4))
    (layer,) = layers(build.graph(spell(build, "act", conv)))
    assert (layer.activation, layer.final) == (kind, "act")


def test_what_somebody_reads_before_the_activation_is_no_part_of_the_layer(build):
    conv = build.conv("first", build.image(6, 6, 3), (3, 3, 3, 4))
    relu = build.plain("Relu", "relu", conv)
    (layer,) = layers(build.graph(build.plain("AddV2", "sum", conv, relu)))
    assert (layer.activation, layer.final) == (None, "first")


def test_readers_are_found_through_nodes_of_no_layer(build):
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4))
    second = build.conv("second", first, (1, 1, 4, 4))
    total = build.plain("AddV2", "sum", first, second)
    found = layers(build.graph(build.conv("third", total, (1, 1, 4, 2))))
    assert found[0].readers == ("second/conv", "third/conv")
    assert found[1].readers == ("third/conv",)


def test_weights_behind_identity_and_reshape_are_read_in_the_layers_own_layout(build):
    image = build.image(6, 6, 3)
    build.const("flat", np.arange(12).reshape(3, 4))
    build.nodes.append(identity("read", "flat", tensorflow().float32))
    shape = build.const("shape", [1, 1, 3, 4], np.int32)
    build.plain("Reshape", "shaped", "read", shape)
    kinds = {**float_attributes(), "padding": "SAME", "strides": [1, 1, 1, 1]}
    build.nodes.append(node("Conv2D", "conv", image, "shaped", **kinds))
    graph = build.graph("conv")
    (layer,) = layers(graph)
    assert layer.kernel == "flat"
    assert kernel(graph, layer).shape == (1, 1, 3, 4)
    doubled = with_constants(graph, {"flat": 2 * kernel(graph, layer)})
    assert doubled.constant("flat").shape == (3, 4)
    picture = np.ones((1, 6, 6, 3), np.float32)
    np.testing.assert_allclose(function(doubled)(picture)[0], 2 * function(graph)(picture)[0])


def test_a_constant_of_another_size_is_refused(build):
    graph = build.graph(build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4)))
    with pytest.raises(UnsupportedError, match="first/bias"):
        with_constants(graph, {"first/bias": np.zeros(3, np.float32)})


def test_layers_that_share_a_bias_get_each_its_own(build):
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4))
    kinds = {**float_attributes(), "padding": "SAME", "strides": [1, 1, 1, 1]}
    build.const("kernel", build.random.normal(size=(1, 1, 4, 4)))
    build.nodes.append(node("Conv2D", "conv", first, "kernel", **kinds))
    build.nodes.append(node("BiasAdd", "second", "conv", "first/bias", **float_attributes()))
    before = build.graph("second")
    after = with_own_biases(before)
    assert len({layer.bias for layer in layers(after)}) == 2
    picture = np.ones((1, 6, 6, 3), np.float32)
    np.testing.assert_array_equal(function(after)(picture)[0], function(before)(picture)[0])
