"""A tensor is found again by what it holds."""

import numpy as np

from convert.targets.same_tensors import match


def arrays(seed: int, *shape: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=shape).astype(np.float32) for _ in range(2)]


def test_the_layout_does_not_matter_and_neither_does_the_name() -> None:
    nodes = {"a": arrays(1, 1, 4, 5, 3), "b": arrays(2, 1, 4, 5, 3)}
    turned = {"x": [array.transpose(0, 3, 1, 2) for array in nodes["b"]]}
    assert match(turned, nodes) == {"x": "b"}


def test_of_two_that_hold_the_same_the_name_decides() -> None:
    held = arrays(1, 1, 4)
    assert match({"b:0": held}, {"a": held, "b": held}) == {"b:0": "b"}


def test_what_no_node_holds_is_left_out() -> None:
    assert match({"x": arrays(3, 1, 4)}, {"x": arrays(4, 1, 4)}) == {}
