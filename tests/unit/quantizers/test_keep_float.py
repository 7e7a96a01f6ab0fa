"""As few nodes stay in float as a gate demands, and the cheapest that do."""

from dataclasses import dataclass
from typing import Any

from convert.quantizers.keep_float import Flow, fewest, flow, order
from convert.report import Harm, Ranking

Nodes = frozenset[str]
STEPS = tuple(frozenset(f"n{i}" for i in range(count)) for count in range(1, 12))
COSTS = {f"n{i}": 0.01 * (i + 1) for i in range(12)}


@dataclass(frozen=True)
class Found:
    agreement: float
    passed: bool


class Gate:
    """Passes where all of `needed` is in float; remembers what it was asked."""

    def __init__(self, *needed: str) -> None:
        self.needed, self.asked = frozenset(needed), list[Nodes]()

    def __call__(self, kept: Nodes) -> Found:
        self.asked.append(kept)
        return Found(len(kept & self.needed) / max(1, len(self.needed)), self.needed <= kept)


def harm(name: str, divergence: float) -> Harm:
    return Harm(name=name, op="", disagreement=divergence, divergence=divergence)


def test_nothing_stays_in_float_where_the_gate_holds_without() -> None:
    gate = Gate()
    kept, found = fewest(STEPS, gate, COSTS)
    assert kept == frozenset()
    assert found.passed
    assert len(gate.asked) == 1


def test_what_does_not_help_is_taken_back() -> None:
    kept, found = fewest(STEPS, Gate("n2", "n4"), COSTS)
    assert kept == {"n2", "n4"}
    assert found.passed


def test_no_set_is_checked_twice() -> None:
    gate = Gate("n0", "n9")
    fewest(STEPS, gate, COSTS)
    assert len(set(gate.asked)) == len(gate.asked) < 16


def test_where_nothing_passes_the_best_is_told_as_such() -> None:
    kept, found = fewest(STEPS, Gate("n3", "elsewhere"), COSTS)
    assert not found.passed
    assert found.agreement == 0.5
    assert "n3" in kept


def test_what_spares_most_for_its_cost_comes_first() -> None:
    known = Flow(
        costs={"dear": 0.5, "cheap": 0.01, "idle": 0.01},
        rounding={"dear": 0.2, "cheap": 0.1, "idle": 0.0},
        ends={},
    )
    assert order(known)[:2] == ({"cheap"}, {"cheap", "dear"})


def test_a_tensor_is_spared_where_who_gives_and_who_reads_it_are_in_float() -> None:
    known = Flow(costs={}, rounding={}, ends={"t": ("a", ("b", "c"), 1.0), "end": ("c", (), 0.5)})
    assert known.gain(frozenset("a")) == 0
    assert known.gain(frozenset("ab")) == 0.5
    assert known.gain(frozenset("abc")) == 1.5
    assert frozenset("abc") in known.moves()


def test_a_graph_s_layers_are_one_node_each_and_cost_what_they_compute(build: Any) -> None:
    small = build.conv("small", build.image(6, 6, 3), (1, 1, 3, 2))
    active = build.plain("Relu", "active", small)
    large = build.conv("large", active, (3, 3, 2, 8))
    graph = build.graph(build.plain("Exp", "told", large))
    ranking = Ranking(
        pictures=1,
        unit="error",
        weights=(harm("small/conv", 0.3), harm("large/conv", 0.1)),
        activations=(harm("image", 0.1), harm("active", 0.2), harm("large", 0.0), harm("told", 0)),
    )
    known = flow(graph, ranking)
    assert set(known.costs) == {"small/conv", "large/conv", "told"}
    assert known.costs["large/conv"] > 5 * known.costs["small/conv"]
    assert known.ends["active"] == ("small/conv", ("large/conv",), 0.2)
    assert known.ends["large"][:2] == ("large/conv", ("told",))
    assert known.ends["told"][:2] == ("told", ())
    assert "image" not in known.ends
