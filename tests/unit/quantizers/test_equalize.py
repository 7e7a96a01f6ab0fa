import numpy as np
import pytest

from convert.graph.run import function
from convert.quantizers.channel_ranges import channel_ranges, stored_tensors
from convert.quantizers.equalize.absorb import absorb
from convert.quantizers.equalize.centre import centre
from convert.quantizers.equalize.classes import HEADROOM, SIX, classes
from convert.quantizers.equalize.equalize import equalize
from convert.quantizers.equalize.prove import BOUND, largest_difference
from convert.quantizers.equalize.rescale import rescale
from convert.quantizers.equalize.scales import ACTIVATIONS, BOTH, WEIGHTS, scales
from convert.quantizers.equalize.silence import silence
from convert.quantizers.layers import kernel, layers

UNEVEN = (0.03, 0.2, 1.0, 5.0)
"""Sizes of four output channels."""


def _pair(build, activation, op="Conv2D"):
    """An uneven layer, an activation and a layer that reads it."""
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), channel_sizes=UNEVEN, bias=0.0)
    last = build.plain(activation, "act", first) if activation else first
    if op == "DepthwiseConv2dNative":
        last = build.conv("deep", last, (3, 3, 4, 1), op=op)
    return build.graph(build.conv("last", last, (1, 1, 4, 2)))


def _unevenness(graph, name):
    """How many times the largest output channel's weights are the smallest's."""
    layer = next(each for each in layers(graph) if each.biased == name)
    sizes = np.abs(kernel(graph, layer)).max((0, 1, 2))
    return sizes.max() / sizes.min()


def _ranges(graph, pictures):
    return channel_ranges(graph, pictures(), stored_tensors(graph))


@pytest.mark.parametrize("activation", [None, "Relu", "LeakyRelu", "Abs"])
@pytest.mark.parametrize("op", ["Conv2D", "DepthwiseConv2dNative"])
def test_uneven_channels_become_even_and_the_function_stays(build, pictures, activation, op):
    before = _pair(build, activation, op)
    after = equalize(before, pictures, WEIGHTS)
    assert largest_difference(before, after.graph, pictures()) < BOUND
    assert _unevenness(after.graph, "first") < _unevenness(before, "first") / 5


def test_by_activations_each_free_channel_fills_its_tensor(build, pictures):
    after = equalize(_pair(build, "Relu"), pictures, ACTIVATIONS)
    low, high = _ranges(after.graph, pictures)["act"]
    np.testing.assert_allclose(high - np.minimum(low, 0), high.max(), rtol=1e-3)


@pytest.mark.parametrize(("side", "most"), [(1, 4.0), (6, 512.0)])
def test_a_pooled_channel_that_few_pictures_use_is_not_blown_up(build, side, most):
    read = build.conv("first", build.image(side, side, 3), (1, 1, 3, 4))
    core = build.graph(build.conv("last", build.plain("Relu", "act", read), (1, 1, 4, 2)))
    silent = np.float32([0, 0, 1e-6, 1])
    ranges = {"first": (-silent, silent), "act": (0 * silent, silent)}
    found = classes(core, ranges)
    factors = scales(core, found, ranges, ACTIVATIONS)[found.of["act"]]
    assert factors.max() / factors.min() == pytest.approx(most, rel=0.01)


def test_the_told_ranges_are_those_of_the_new_graph(build, pictures):
    after = equalize(_pair(build, None), pictures, BOTH)
    measured = _ranges(after.graph, pictures)
    for name, (low, high) in after.ranges.items():
        np.testing.assert_allclose(low, measured[name][0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(high, measured[name][1], rtol=1e-3, atol=1e-4)


def test_what_a_sigmoid_reads_is_left_as_it_is(build, pictures):
    before = _pair(build, "Sigmoid")
    after = equalize(before, pictures, BOTH)
    assert _unevenness(after.graph, "first") == _unevenness(before, "first")


def test_a_relu6_channel_that_clips_is_left_and_no_other_is_made_to(build, pictures):
    before = _pair(build, "Relu6")
    ranges = _ranges(before, pictures)
    found = classes(before, ranges)
    factors = scales(before, found, ranges, WEIGHTS)
    largest = ranges["act"][1]
    clips = largest * HEADROOM >= SIX
    assert clips.any()
    assert not clips.all()
    np.testing.assert_array_equal(factors[found.of["act"]][clips], 1)
    assert (largest * factors[found.of["act"]])[~clips].max() < SIX
    after = rescale(before, found, factors)
    assert largest_difference(before, after, pictures()) < BOUND
    assert (factors[found.of["act"]][~clips] != 1).all()


def _stream(build):
    """Three layers whose sums three others read, as MobileNetV2's blocks do."""
    total = build.conv("a", build.image(6, 6, 3), (1, 1, 3, 4), channel_sizes=UNEVEN, bias=3.0)
    for name in ("b", "c"):
        inner = build.plain("Relu6", f"{name}/act", build.conv(f"{name}/up", total, (1, 1, 4, 8)))
        added = build.conv(name, inner, (1, 1, 8, 4), channel_sizes=UNEVEN, bias=(-9, 2, 5, 0))
        total = build.plain("AddV2", f"{name}/sum", total, added)
    pooled = build.add("AvgPool", "pool", total, T=_float(), padding="VALID", **_windows(6))
    one = build.conv("one", total, (1, 1, 4, 2))
    other = build.conv("other", pooled, (1, 1, 4, 2))
    return build.graph(one, other)


def _float():
    from convert.graph.tensorflow import tensorflow

    return tensorflow().float32


def _windows(size):
    return {"ksize": [1, size, size, 1], "strides": [1, 1, 1, 1]}


def test_a_residual_stream_has_one_scale_per_channel(build, pictures):
    graph = _stream(build)
    of = classes(graph, _ranges(graph, pictures)).of
    for name in ("b", "c", "b/sum", "c/sum", "pool"):
        np.testing.assert_array_equal(of[name], of["a"])


def test_a_residual_stream_is_centred_and_its_function_stays(build, pictures):
    before = _stream(build)
    ranges = _ranges(before, pictures)
    after, moved = centre(before, ranges)
    assert largest_difference(before, after, pictures()) < BOUND

    def off_centre(found):
        return sum(
            np.abs(low + high).max() for n in ("a", "b/sum", "c/sum") for low, high in [found[n]]
        )

    assert off_centre(moved) < off_centre(ranges) / 2
    measured = _ranges(after, pictures)
    np.testing.assert_allclose(measured["c/sum"][0], moved["c/sum"][0], atol=1e-3)


def test_a_stream_that_a_padded_convolution_reads_is_not_shifted(build, pictures):
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), bias=9.0)
    graph = build.graph(build.conv("last", first, (3, 3, 4, 2)))
    after, _ = centre(graph, _ranges(graph, pictures))
    np.testing.assert_array_equal(after.constant("first/bias"), graph.constant("first/bias"))


def test_a_stream_that_a_convolution_without_padding_reads_is(build, pictures):
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), bias=9.0)
    graph = build.graph(build.conv("last", first, (3, 3, 4, 2), padding="VALID"))
    after, _ = centre(graph, _ranges(graph, pictures))
    assert np.abs(after.constant("first/bias")).max() < 4
    assert largest_difference(graph, after, pictures()) < BOUND


def test_channels_behind_a_concatenation_keep_their_own_scales(build, pictures):
    image = build.image(6, 6, 3)
    one = build.plain(
        "Relu", "one/act", build.conv("one", image, (1, 1, 3, 4), channel_sizes=UNEVEN)
    )
    other = build.plain("Relu", "other/act", build.conv("other", image, (1, 1, 3, 2)))
    axis = build.const("axis", -1, np.int32)
    kinds = {"T": _float(), "N": 2}
    both = build.add("ConcatV2", "both", one, other, axis, **kinds)
    before = build.graph(build.conv("last", both, (1, 1, 6, 2)))
    of = classes(before, {}).of
    np.testing.assert_array_equal(of["both"], np.concatenate([of["one"], of["other"]]))
    after = equalize(before, pictures, BOTH)
    assert largest_difference(before, after.graph, pictures()) < BOUND
    assert _unevenness(after.graph, "one") < _unevenness(before, "one") / 5


def test_a_stream_that_is_widened_by_zeros_is_scaled_all_the_same(build, pictures):
    act = build.plain("Relu", "act", build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4)))
    amounts = build.const("amounts", [[0, 0], [0, 0], [0, 0], [0, 2]], np.int32)
    wide = build.add("Pad", "wide", act, amounts, T=_float())
    kinds = {"channel_sizes": (*UNEVEN, 1, 1)}
    total = build.plain("AddV2", "sum", wide, build.conv("other", act, (1, 1, 4, 6), **kinds))
    before = build.graph(build.conv("last", build.plain("Relu", "r", total), (1, 1, 6, 2)))
    found = classes(before, {})
    np.testing.assert_array_equal(found.of["sum"][:4], found.of["act"])
    assert not found.fixed[found.of["sum"]].any()
    after = equalize(before, pictures, WEIGHTS)
    assert largest_difference(before, after.graph, pictures()) < BOUND
    assert _unevenness(after.graph, "other") < _unevenness(before, "other")


def test_a_gate_passes_the_scale_of_what_it_gates(build, pictures):
    first = build.plain("Relu", "act", build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4)))
    gate = build.plain("Sigmoid", "gate", build.conv("squeeze", first, (1, 1, 4, 4)))
    gated = build.plain("Mul", "gated", first, gate)
    before = build.graph(build.conv("last", gated, (1, 1, 4, 2)))
    found = classes(before, {})
    np.testing.assert_array_equal(found.of["gated"], found.of["act"])
    assert found.fixed[found.of["gate"]].all()
    after = equalize(before, pictures, ACTIVATIONS)
    assert largest_difference(before, after.graph, pictures()) < BOUND


def test_weights_that_two_layers_share_are_left_as_they_are(build, pictures):
    image = build.image(6, 6, 3)
    one = build.conv("one", image, (1, 1, 3, 4), channel_sizes=UNEVEN)
    kinds = {"T": _float(), "padding": "SAME", "strides": [1, 1, 1, 1]}
    two = build.add("Conv2D", "two", image, "one/kernel", **kinds)
    graph = build.graph(build.conv("last", one, (1, 1, 4, 2)), two)
    after = equalize(graph, pictures, BOTH).graph
    np.testing.assert_array_equal(after.constant("one/kernel"), graph.constant("one/kernel"))


def test_what_a_relu_always_gives_goes_into_the_next_bias(build, pictures):
    biases = (100.0, 0.0, 80.0, 0.0)
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), bias=biases)
    last = build.conv("last", build.plain("Relu", "act", first), (1, 1, 4, 2))
    before = build.graph(last)
    after, ranges = absorb(before, _ranges(before, pictures))
    assert largest_difference(before, after, pictures()) < BOUND
    assert ranges["act"][1].max() < 100 * (1 - 1 / HEADROOM) + 20
    assert (_ranges(after, pictures)["act"][0][[0, 2]] > 0).all()
    np.testing.assert_array_equal(after.constant("first/bias")[[1, 3]], (0, 0))


def test_a_relu_that_a_padded_depthwise_convolution_reads_keeps_its_bias(build, pictures):
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), bias=100.0)
    act = build.plain("Relu", "act", first)
    deep = build.conv("deep", act, (3, 3, 4, 1), op="DepthwiseConv2dNative")
    graph = build.graph(deep)
    after, _ = absorb(graph, _ranges(graph, pictures))
    np.testing.assert_array_equal(after.constant("first/bias"), graph.constant("first/bias"))


def test_a_pass_that_changes_the_function_is_not_applied(build, pictures):
    before = _pair(build, "Relu6")
    brightness = iter([0.01, *[1.0] * 9])  # What is measured is far from what clips in the proof.

    def stream():
        factor = np.float32(next(brightness))
        return [picture * factor for picture in pictures()]

    after = equalize(before, stream, WEIGHTS)
    proof = after.proofs[-1]
    assert proof.difference > BOUND
    assert not proof.applied
    assert _unevenness(after.graph, "first") == _unevenness(before, "first")


def test_ranges_of_channels_hold_every_picture(build, pictures):
    graph = _pair(build, None)
    found = _ranges(graph, pictures)["first"]
    values = np.concatenate([function(graph, "first")(picture)[0] for picture in pictures()])
    np.testing.assert_allclose(found[0], values.min((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(found[1], values.max((0, 1, 2)), rtol=1e-6)


def _dead(build):
    """Channel 1 of the first layer never fires, whatever the picture; the next reads it loudly."""
    sizes = (1.0, 1e-12, 1.0, 1.0)
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), channel_sizes=sizes, bias=-0.1)
    act = build.plain("Relu6", "act", first)
    loud = (1.0, 50.0, 1.0, 1.0)
    kinds = {"op": "DepthwiseConv2dNative", "channel_sizes": loud, "bias": 0.5}
    deep = build.plain("Relu", "deep/act", build.conv("deep", act, (3, 3, 4, 1), **kinds))
    return build.graph(build.conv("last", deep, (1, 1, 4, 2)))


def test_what_reads_a_dead_channel_is_set_to_zero(build, pictures):
    before = _dead(build)
    after, _ = silence(before, _ranges(before, pictures))
    weights = after.constant("deep/kernel")
    assert (weights[:, :, 1] == 0).all()
    assert np.abs(weights).max() < np.abs(before.constant("deep/kernel")).max() / 5
    assert (after.constant("first/kernel")[..., 1] == 0).all()
    bright = [4 * picture for picture in pictures()]
    assert largest_difference(before, after, bright) < BOUND


def test_a_channel_that_is_silent_on_these_pictures_by_chance_keeps_its_weights(build, pictures):
    first = build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4), bias=(0.0, -50.0, 0.0, 0.0))
    graph = build.graph(build.conv("last", build.plain("Relu", "act", first), (1, 1, 4, 2)))
    ranges = _ranges(graph, pictures)
    assert ranges["act"][1][1] == 0
    after, _ = silence(graph, ranges)
    np.testing.assert_array_equal(after.constant("first/kernel"), graph.constant("first/kernel"))
    np.testing.assert_array_equal(after.constant("last/kernel"), graph.constant("last/kernel"))
