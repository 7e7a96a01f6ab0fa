"""Layers and tensors are ranked by what eight bits cost in each of them alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.progress import Silence
from convert.quantizers.layers import with_constants
from convert.quantizers.sensitivity import sensitivity
from convert.report import Harm, Ranking

Pictures = Callable[[], list[np.ndarray]]


@pytest.fixture
def graph(build: Any) -> Graph:
    """Three layers in a row."""
    first = build.plain("Relu", "first", build.conv("one", build.image(6, 6, 3), (3, 3, 3, 4)))
    deep = build.conv("two", first, (3, 3, 4, 1), op="DepthwiseConv2dNative")
    second = build.plain("Relu", "second", deep)
    return build.graph(build.conv("three", second, (1, 1, 4, 5)))


def ranges(graph: Graph, pictures: list[np.ndarray]) -> dict[str, tuple[float, float]]:
    names = ("image", "first", "second")
    runs = [function(graph, *names)(picture) for picture in pictures]
    return {
        name: (min(0.0, *(r[i].min() for r in runs)), max(0.0, *(r[i].max() for r in runs)))
        for i, name in enumerate(names)
    }


def coarse(graph: Graph, name: str, step: float) -> Graph:
    values = np.asarray(graph.constant(name))
    return with_constants(graph, {name: np.rint(values / step) * step})


def ranked(graph: Graph, pictures: list[np.ndarray], **given: Any) -> Ranking:
    made = {"unrounded": graph, "rounded": graph, "ranges": {}, "answers": "largest", **given}
    return sensitivity(graph, pictures=pictures, progress=Silence(), **made)


def of(harms: tuple[Harm, ...], name: str) -> Harm:
    return next(one for one in harms if one.name == name)


def test_the_layer_that_is_rounded_worst_comes_first(graph: Graph, pictures: Pictures) -> None:
    rounded = coarse(coarse(graph, "two/kernel", 1.5), "one/kernel", 0.02)
    found = ranked(graph, pictures(), rounded=rounded)
    assert found.weights[0].name == "two/conv"
    assert found.weights[0].disagreement > 0.05
    assert found.unit == "labels changed"
    assert found.pictures == 4


def test_what_makes_other_layers_good_is_not_blamed(graph: Graph, pictures: Pictures) -> None:
    bias = np.asarray(graph.constant("one/bias"))
    fitted = with_constants(graph, {"one/bias": bias + 3})
    same = ranked(graph, pictures(), unrounded=fitted, rounded=coarse(fitted, "one/kernel", 0.01))
    free = ranked(graph, pictures(), rounded=coarse(graph, "one/kernel", 0.01))
    assert of(same.weights, "one/conv").divergence == pytest.approx(
        of(free.weights, "one/conv").divergence, rel=1e-3
    )


def test_a_layer_of_which_nothing_was_decided_is_rounded_as_writers_do(
    graph: Graph, pictures: Pictures
) -> None:
    found = ranked(graph, pictures())
    assert all(0 < one.divergence < 0.1 for one in found.weights)


def test_the_tensor_whose_range_is_worst_comes_first(graph: Graph, pictures: Pictures) -> None:
    held = ranges(graph, pictures())
    wide = {**held, "second": (0.0, 60 * held["second"][1])}
    found = ranked(graph, pictures(), ranges=wide)
    assert {one.name for one in found.activations} == set(held)
    assert found.activations[0].name == "second"
    assert found.activations[0].op == "Relu"
    assert found.activations[0].divergence > 10 * found.activations[1].divergence


def test_answers_that_are_no_scores_are_compared_as_numbers(
    graph: Graph, pictures: Pictures
) -> None:
    found = ranked(graph, pictures(), ranges=ranges(graph, pictures()), answers="values")
    assert found.unit == "error"
    for one in found.activations:
        assert 0 < one.disagreement < 0.05
        assert one.disagreement == pytest.approx(one.divergence**0.5, rel=0.3)


def test_a_chance_changes_its_label_where_it_passes_a_half(
    graph: Graph, pictures: Pictures
) -> None:
    bias = np.asarray(graph.constant("three/bias"))
    (sample,) = function(graph)(pictures()[0])
    turned = with_constants(graph, {"three/bias": bias + 2 * np.abs(sample).max()})
    found = ranked(graph, pictures()[:1], rounded=turned, answers="chance")
    assert found.unit == "labels changed"
    assert of(found.weights, "three/conv").disagreement == pytest.approx((sample <= 0).mean())


def test_a_head_has_the_first_of_each(graph: Graph, pictures: Pictures) -> None:
    found = ranked(graph, pictures(), ranges=ranges(graph, pictures()))
    head = found.head(1)
    assert (head.weights, head.activations) == (found.weights[:1], found.activations[:1])
