"""What eight bits are decided in stays bounded, however many or large the pictures are."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers import walk
from convert.quantizers.channel_ranges import channel_ranges
from convert.quantizers.layers import layers
from convert.quantizers.march import March, widest
from convert.quantizers.ranges import Seen, observe
from convert.quantizers.simulate import stored


def streamed(count: int, side: int = 64) -> Iterator[NDArray[np.float32]]:
    random = np.random.default_rng(1)
    for _ in range(count):
        yield random.uniform(-1, 1, (1, side, side, 3)).astype(np.float32)


def network(build: Any) -> Graph:
    image = build.image(64, 64, 3)
    first = build.plain("Relu6", "first", build.conv("a", image, (3, 3, 3, 8)))
    second = build.plain("Relu6", "second", build.conv("b", first, (1, 1, 8, 4)))
    return build.graph(build.conv("c", second, (1, 1, 4, 2)))


def peak(graph: Graph, count: int) -> int:
    names = stored(graph, layers(graph))
    tracemalloc.start()
    observe(graph, names, streamed(count))
    channel_ranges(graph, streamed(count), names[1:])
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_ranges_of_many_pictures_take_no_more_memory_than_of_some(build: Any) -> None:
    graph = network(build)
    peak(graph, 2)  # what is imported and kept once
    some, many = peak(graph, 150), peak(graph, 600)
    assert many < 1.25 * some


def test_rows_of_many_pictures_are_of_all_of_them(build: Any) -> None:
    seen = Seen()
    for level in range(1000):
        seen.add(np.full((1, 12, 12, 2), level, np.float32))
    kept = np.concatenate(seen.rows)
    assert len(kept) <= 64 * 96
    assert (seen.low, seen.high) == (0, 999)
    assert abs(np.median(kept) - 500) < 40
    assert np.diff(np.unique(kept)).max() < 40


def test_the_widest_point_is_what_a_walk_holds(build: Any) -> None:
    graph = network(build)
    march, held = March(graph, list(streamed(1))), []
    for layer in layers(graph):
        march.to(layer.data, {})
        held.append(sum(array.nbytes for array in march._held[0].values()))
    # Between two layers a walk drops what only these two needed.
    assert max(held) == 64 * 64 * 8 * 4
    assert max(held) <= widest(graph) <= 2 * max(held)


@pytest.mark.parametrize(("budget", "count"), [(1e9, 32), (64 * 64 * 8 * 4 * 20, 5), (1, 1)])
def test_a_large_graph_is_walked_on_fewer_pictures(
    build: Any, monkeypatch: pytest.MonkeyPatch, budget: float, count: int
) -> None:
    monkeypatch.setattr(walk, "_BUDGET", budget)
    graph = network(build)
    assert walk.walkable(graph, layers(graph), 32) == count
