"""What judges a rounding has not been rounded on."""

import numpy as np
import pytest

from convert.quantizers.decide import Premises, decide
from convert.quantizers.judge import Judge, shared
from convert.quantizers.layers import with_constants

ENTRY = (-1.0, 1.0)


def stream(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(11)
    return [random.uniform(-1, 1, (1, 6, 6, 3)).astype(np.float32) for _ in range(count)]


@pytest.mark.parametrize(
    ("total", "most", "walked", "judging"),
    [(50, 32, 32, 18), (40, 32, 28, 12), (100, 32, 32, 24), (20, 32, 20, 0), (8, 2, 2, 0)],
)
def test_pictures_are_shared_between_the_walk_and_the_judge(total, most, walked, judging):
    given = stream(total)
    ours, theirs = shared(lambda: iter(given), most)
    assert (len(ours), len(theirs)) == (walked, judging)
    assert not {id(one) for one in ours} & {id(one) for one in theirs}


def test_coarser_kernels_are_judged_worse(build, pictures):
    graph = build.graph(build.conv("only", build.image(6, 6, 3), (1, 1, 3, 5)))
    made = decide(
        graph, lambda: iter(pictures()), Premises(answers="values", entry=ENTRY, known={})
    )
    judge = Judge(graph, made.decisions.ranges, pictures(), "values")
    coarse = with_constants(graph, {"only/kernel": np.rint(graph.constant("only/kernel"))})
    assert judge.apart(made.graph) < 0.1 * judge.apart(coarse)
