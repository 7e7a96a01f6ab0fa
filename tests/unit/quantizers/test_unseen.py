"""Where no real picture was seen, little is concluded; and ranges by entropy."""

from typing import Any

import numpy as np
import pytest

from convert.graph.run import function
from convert.quantizers.decide import Premises, decide
from convert.quantizers.entropy import least_divergence
from convert.quantizers.equalize import ACTIVATIONS, equalize
from convert.quantizers.methods import Methods
from convert.quantizers.unseen import widened


def network(build: Any) -> Any:
    image = build.image(6, 6, 3)
    first = build.plain("Relu6", "first", build.conv("a", image, (3, 3, 3, 8)))
    return build.graph(build.conv("b", first, (1, 1, 8, 4)))


def largest_change(graph: Any, other: Any, pictures: Any) -> float:
    one, two = function(graph), function(other)
    return max(float(np.abs(one(p)[0] - two(p)[0]).max()) for p in pictures)


def test_ranges_are_wider_but_not_beyond_what_an_op_can_give(build: Any) -> None:
    graph = network(build)
    found = widened(graph, {"first": (0.0, 5.5), "a": (-4.0, 8.0)})
    assert found == {"first": (0.0, 6.0), "a": (-5.0, 10.0)}


def test_equalizing_by_drawn_pictures_changes_nothing_on_brighter_ones(
    build: Any, pictures: Any
) -> None:
    graph = network(build)
    brighter = [2.5 * picture for picture in pictures()]
    drawn = equalize(graph, pictures, ACTIVATIONS, real=False)
    real = equalize(graph, pictures, ACTIVATIONS)
    assert largest_change(graph, drawn.graph, brighter) < 1e-4
    assert largest_change(graph, real.graph, brighter) > 1e-2


def test_a_core_is_decided_without_real_pictures(build: Any, pictures: Any) -> None:
    graph = network(build)
    made = decide(
        graph,
        lambda: iter(pictures()),
        Premises(answers="values", entry=(-1.0, 1.0), known={}, drawn=True),
    )
    assert made.proofs == ()
    scale = max(float(np.abs(function(graph)(p)[0]).max()) for p in pictures())
    assert largest_change(graph, made.graph, pictures()) < 0.02 * scale


@pytest.mark.parametrize("way", ["min_max", "percentile", "least_error", "entropy", "chosen"])
def test_every_way_gives_every_tensor_a_range(build: Any, pictures: Any, way: Any) -> None:
    premises = Premises(answers="values", entry=(-1.0, 1.0), known={}, methods=Methods(ranges=way))
    made = decide(network(build), lambda: iter(pictures()), premises)
    assert set(made.decisions.ranges) == {"image", "first", "b"}
    assert all(low <= 0 <= high for low, high in made.decisions.ranges.values())


def test_entropy_clips_a_rare_peak_and_keeps_an_even_range() -> None:
    random = np.random.default_rng(5)
    bulk = np.abs(random.normal(size=200_000)).astype(np.float32)
    low, high = least_divergence(np.append(bulk, np.float32(40)), (0.0, 40.0))
    assert low == 0
    assert high < 40
    even = random.uniform(-1, 1, 200_000).astype(np.float32)
    assert least_divergence(even, (-1.0, 1.0)) == (-1.0, 1.0)
    assert least_divergence(np.zeros(9, np.float32), (0.0, 0.0)) == (0.0, 0.0)
