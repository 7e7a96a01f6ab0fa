import numpy as np
import pytest

from convert.graph.run import function
from convert.quantizers.layers import layers
from convert.quantizers.simulate import as_stored, nudged, simulated, stored


@pytest.mark.parametrize("range_", [(-1.0, 1.0), (0.0, 6.0), (-3.3, 0.7), (-2.0, 0.0), (0.5, 4.0)])
def test_zero_is_always_one_of_the_steps_and_the_range_is_kept(range_):
    scale, zero = nudged(range_)
    assert 0 <= zero <= 255
    low, high = -zero * scale, (255 - zero) * scale
    assert low <= range_[0] + scale
    assert high >= range_[1] - scale


def test_a_pixel_is_its_own_code():
    pixels = np.arange(256, dtype=np.float32)
    scale, zero = nudged((-1.0, 1.0))
    made = as_stored((pixels - np.float32(127.5)) * np.float32(1 / 127.5), (-1.0, 1.0))
    np.testing.assert_allclose(made / scale + zero, pixels, atol=1e-3)


def test_values_between_layers_are_rounded_and_those_inside_of_one_are_not(build):
    data = build.plain("Relu6", "act", build.conv("conv", build.image(6, 6, 3), (1, 1, 3, 4)))
    graph = build.graph(build.conv("last", data, (1, 1, 4, 2)))
    found = layers(graph)
    assert stored(graph, found) == ("image", "act", "last")
    ranges = {"image": (-1.0, 1.0), "act": (0.0, 6.0), "last": (-8.0, 8.0)}
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 6, 6, 3)).astype(np.float32)
    (floats,), (eights,) = (function(g)(picture) for g in (graph, simulated(graph, ranges)))
    scale, _ = nudged(ranges["last"])
    steps = eights / scale
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-3)
    assert 0 < np.abs(floats - eights).max() < 0.5
