"""A detector in eight bits: what its reader never looks at takes no steps from what is read."""

from typing import Any

import numpy as np
import pytest

from convert.graph.graph import Graph
from convert.graph.nodes import float_attributes
from convert.graph.tensorflow import tensorflow
from convert.quantizers.answers import Answer, apart
from convert.quantizers.choose_ranges import choose_ranges
from convert.quantizers.layers import layers

DETECTIONS = {"end0": Answer(where="end1"), "end1": Answer(kind="chance")}
NAMES = ("end0", "end1")


def detector(build: Any) -> Graph:
    """Boxes and scores of two maps each, as detectors put them together."""
    int32 = tensorflow().int32
    read = build.plain("Relu", "read", build.conv("stem", build.image(6, 6, 3), (3, 3, 3, 8)))
    for answer, width, sizes, bias in (("boxes", 4, 10.0, 0.0), ("scores", 1, 40.0, -100.0)):
        for part in ("fine", "coarse"):
            name = f"{answer}_{part}"
            build.conv(name, read, (1, 1, 8, width), channel_sizes=sizes, bias=bias)
            shape = build.const(f"{name}/shape", [1, 36, width], np.int32)
            build.add("Reshape", f"{name}/rows", name, shape, **float_attributes(), Tshape=int32)
        axis = build.const(f"{answer}/axis", 1, np.int32)
        parts = [f"{answer}_{part}/rows" for part in ("fine", "coarse")]
        build.add("ConcatV2", answer, *parts, axis, **float_attributes(), N=2, Tidx=int32)
    return build.graph("boxes", "scores")


@pytest.fixture
def ranges(build: Any, pictures: Any) -> dict[str, tuple[float, float]]:
    core = detector(build)
    given = {"image": (-1.0, 1.0)}
    return choose_ranges(core, layers(core), lambda: iter(pictures()), DETECTIONS, given, "chosen")


def test_logits_that_are_sure_take_no_steps(ranges: dict[str, tuple[float, float]]) -> None:
    low, high = ranges["scores"]
    assert -8 <= low < high <= 8


@pytest.mark.parametrize("answer", ["boxes", "scores"])
def test_parts_of_an_answer_share_their_steps(
    ranges: dict[str, tuple[float, float]], answer: str
) -> None:
    parts = {ranges[name] for name in ranges if name.startswith(answer)}
    assert len([name for name in ranges if name.startswith(answer)]) >= 3
    assert len(parts) == 1


def test_a_box_counts_where_something_is() -> None:
    random = np.random.default_rng(3)
    boxes = random.normal(size=(1, 6, 4)).astype(np.float32)
    scores = np.full((1, 6, 1), -20, np.float32)
    scores[0, 2] = 5
    wanted = (boxes, scores)
    elsewhere, there = boxes.copy(), boxes.copy()
    elsewhere[0, 4] += 3
    there[0, 2] += 3
    assert apart(NAMES, wanted, wanted, DETECTIONS) == 0
    assert apart(NAMES, wanted, (elsewhere, scores), DETECTIONS) < 1e-6
    assert apart(NAMES, wanted, (there, scores), DETECTIONS) > 0.1


def test_the_background_is_nothing_that_is_there() -> None:
    boxes = np.zeros((1, 2, 4), np.float32)
    boxes[0, 1] = 1
    scores = np.float32([[[9, -9], [-9, 9]]])
    answers = {"end0": Answer(where="end1"), "end1": Answer(kind="chance", background=True)}
    for row, least in ((0, 0.0), (1, 0.1)):
        moved = boxes.copy()
        moved[0, row] += 1
        found = apart(NAMES, (boxes, scores), (moved, scores), answers)
        assert found > least if least else found < 0.01
