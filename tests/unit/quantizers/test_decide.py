from dataclasses import replace

import numpy as np
import pytest

from convert.errors import SourceError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.quantizers.decide import Premises, decide, round_for
from convert.quantizers.layers import kernel, layers, with_constants
from convert.quantizers.methods import Methods
from convert.quantizers.ranges import least_error, min_max, observe
from convert.quantizers.simulate import nudged, simulated, stored
from convert.quantizers.spread import spread
from convert.quantizers.store_kernels import store_kernels

ENTRY = (-1.0, 1.0)
PREMISES = Premises(answers="values", entry=ENTRY, known={})


@pytest.fixture
def network(build) -> Graph:
    """Depthwise and dense layers whose channels differ, ReLU6 between them."""
    data = build.image(6, 6, 3)
    sizes = np.geomspace(0.05, 3, 16)
    data = build.plain("Relu6", "a", build.conv("one", data, (1, 1, 3, 16), channel_sizes=sizes))
    deep = build.conv("two", data, (3, 3, 16, 1), op="DepthwiseConv2dNative", channel_sizes=sizes)
    data = build.plain("Relu6", "b", deep)
    data = build.conv("three", data, (1, 1, 16, 8), channel_sizes=0.3)
    data = build.plain("Relu", "c", build.conv("four", data, (3, 3, 8, 8), channel_sizes=0.2))
    return build.graph(build.conv("last", data, (1, 1, 8, 5)))


def _error(graph, other, pictures):
    one, two = function(graph), function(other)
    return np.mean([np.square(one(p)[0] - two(p)[0]).mean() for p in pictures])


def _nearest(graph, pictures):
    """The plain way: nearest codes per channel, the whole ranges."""
    found = layers(graph)
    values = {}
    for layer in found:
        weights = kernel(graph, layer)
        axes = (0, 1) if layer.depthwise else tuple(range(weights.ndim - 1))
        scale = np.abs(weights).max(axes, keepdims=True) / 127
        values[layer.kernel] = np.rint(weights / scale) * scale
    ranges = min_max(observe(graph, stored(graph, found), pictures))
    return simulated(with_constants(graph, values), {**ranges, "image": ENTRY})


def test_the_answers_move_less_than_by_rounding_to_the_nearest(network, pictures):
    made = decide(network, lambda: iter(pictures()), PREMISES)
    eight = simulated(made.graph, made.decisions.ranges)
    plain = _error(network, _nearest(network, pictures()), pictures())
    assert _error(network, eight, pictures()) < 0.7 * plain


def test_the_graph_holds_the_very_values_of_the_codes(network, pictures):
    made = decide(
        network, lambda: iter(pictures()), Premises(answers="largest", entry=ENTRY, known={})
    )
    assert set(made.decisions.kernels) == {layer.kernel for layer in layers(network)}
    for name, one in made.decisions.kernels.items():
        assert np.abs(one.codes.astype(int)).max() <= 127
        np.testing.assert_array_equal(made.graph.constant(name), one.values)


def test_ranges_that_a_source_knows_are_kept(network, pictures):
    known = {"a": (0.0, 5.0), "c": (0.0, 2.0)}
    made = decide(
        network, lambda: iter(pictures()), Premises(answers="values", entry=ENTRY, known=known)
    )
    assert {name: made.decisions.ranges[name] for name in known} == known
    assert made.decisions.ranges["image"] == ENTRY


def test_everything_that_is_stored_has_a_range(network, pictures):
    made = decide(network, lambda: iter(pictures()), PREMISES)
    assert set(stored(made.graph, layers(made.graph))) <= set(made.decisions.ranges)


def test_a_rare_peak_is_clipped_where_rounding_would_cost_more(build):
    name = build.conv("conv", build.image(32, 32, 3), (1, 1, 3, 4))
    graph = build.graph(name)
    picture = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32) * 0.01
    picture[0, 0, 0] = 5.0
    seen = observe(graph, ("image",), [picture])
    _, high = least_error(graph, layers(graph), seen)["image"]
    assert min_max(seen)["image"][1] == 5.0
    assert 0 < high < 5.0


@pytest.mark.parametrize("channel_scales", [False, True])
def test_stored_kernels_are_what_the_graph_holds(network, pictures, channel_scales):
    made = store_kernels(network, lambda: iter(pictures()), channel_scales=channel_scales)
    for name, one in made.storage.kernels.items():
        assert one.codes.dtype == np.uint8
        assert (one.channel_scales is not None) is channel_scales
        np.testing.assert_array_equal(made.graph.constant(name), one.values)


def test_a_scale_per_channel_stores_more_truly_than_one_for_all(network, pictures):
    one, many = (
        store_kernels(network, lambda: iter(pictures()), channel_scales=scales).graph
        for scales in (False, True)
    )
    assert _error(network, many, pictures()) < _error(network, one, pictures())


def test_a_spread_is_even_and_no_longer_than_asked():
    stream = [np.full((1,), i, np.float32) for i in range(10)]
    assert [int(p[0]) for p in spread(lambda: iter(stream), 4)] == [0, 3, 6, 9]
    assert len(spread(lambda: iter(stream), 50)) == 10


def test_ranges_are_looked_for_in_one_picture_at_a_time(network, pictures):
    alive: set[int] = set()
    most = []

    class Tracked(np.ndarray):
        def __del__(self):
            alive.discard(id(self))

    def stream():
        for seed in range(20):
            picture = np.random.default_rng(seed).uniform(-1, 1, (1, 6, 6, 3)).astype(np.float32)
            tracked = picture.view(Tracked)
            alive.add(id(tracked))
            most.append(len(alive))
            yield tracked
            del tracked

    observe(network, stored(network, layers(network)), stream())
    assert len(most) == 20
    assert max(most) <= 2


def test_biases_are_the_whole_numbers_that_a_file_holds(network, pictures):
    made = decide(network, lambda: iter(pictures()), PREMISES)
    for layer in layers(made.graph):
        scales = made.decisions.kernels[layer.kernel].scales.astype(np.float64)
        codes = made.graph.constant(layer.bias) / (
            scales * nudged(made.decisions.ranges[layer.data])[0]
        )
        np.testing.assert_allclose(codes, np.rint(codes), atol=1e-2)


def test_what_a_file_has_in_float_is_made_good_as_float(network, pictures):
    """Rounded for a file whose first two tensors stay in float, the answers there are nearer."""
    made = decide(network, lambda: iter(pictures()), PREMISES)
    held = dict(list(made.decisions.ranges.items())[2:])
    own = round_for(
        made.floats,
        lambda: iter(pictures()),
        held,
        PREMISES,
    )
    errors = [_error(network, simulated(one.graph, held), pictures()) for one in (own, made)]
    assert errors[0] < errors[1]


def test_a_layer_that_is_kept_in_float_is_not_rounded(network, pictures):
    made = decide(network, lambda: iter(pictures()), PREMISES)
    first = layers(made.graph)[0]
    kept = frozenset({first.name})
    own = round_for(
        made.floats,
        lambda: iter(pictures()),
        made.decisions.ranges,
        PREMISES,
        kept=kept,
    )
    assert own.decisions.kept_float == kept
    assert first.kernel not in own.decisions.kernels
    np.testing.assert_array_equal(
        own.graph.constant(first.kernel), own.unrounded.constant(first.kernel)
    )


def test_a_broken_calibration_picture_is_an_error_of_the_source(network, pictures):
    def broken():
        yield pictures()[0]
        raise SourceError("cat.jpg is cut short")

    with pytest.raises(SourceError, match=r"cat\.jpg"):
        decide(network, broken, PREMISES)


def test_a_method_that_is_left_out_leaves_its_part_as_it_was(network, pictures):
    plain = Methods(
        equalize=False, ranges="min_max", hessian_rounding=False, upstream=False, refit_bias=False
    )
    made = decide(
        network,
        lambda: iter(pictures()),
        Premises(answers="values", entry=ENTRY, known={}, methods=plain),
    )
    whole = min_max(observe(network, stored(network, layers(network)), pictures()))
    assert made.decisions.ranges == {**whole, "image": ENTRY}
    assert not made.proofs
    for layer in layers(network):
        one, given = made.decisions.kernels[layer.kernel], network.constant(layer.kernel)
        # A file holds a bias in whole steps of the sums.
        step = one.scales * nudged(made.decisions.ranges[layer.data])[0]
        apart = np.abs(made.graph.constant(layer.bias) - network.constant(layer.bias))
        assert (apart <= 0.501 * step + 1e-7).all()
        steps = one.scales.reshape(one.codes.shape[2:]) if one.depthwise else one.scales
        nearest = np.clip(np.rint(given / steps), -127, 127)
        assert np.mean(one.codes == nearest) > 0.99


@pytest.mark.parametrize("added", ["hessian_rounding", "upstream"])
def test_a_method_that_is_added_to_the_refitted_biases_brings_the_answers_nearer(
    network, pictures, added
):
    refitted = Methods(equalize=False, ranges="min_max", hessian_rounding=False, upstream=False)
    errors = []
    for methods in (refitted, replace(refitted, **{added: True})):
        made = decide(
            network,
            lambda: iter(pictures()),
            Premises(answers="values", entry=ENTRY, known={}, methods=methods),
        )
        errors.append(_error(network, simulated(made.graph, made.decisions.ranges), pictures()))
    assert errors[1] < errors[0]
