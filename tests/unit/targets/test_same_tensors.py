"""A file's tensors are known again by their values."""

import numpy as np

from convert.targets.same_tensors import match, sights

Arrays = list[np.ndarray]


def matched(tensors: dict[str, Arrays], nodes: dict[str, Arrays]) -> dict[str, str]:
    return match(*(sights(each, zip(*each.values(), strict=True)) for each in (tensors, nodes)))


def arrays(seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=(1, 4, 5, 3)).astype(np.float32) for _ in range(2)]


def test_a_tensor_in_another_layout_is_known() -> None:
    turned = [one.transpose(0, 3, 1, 2) for one in arrays(1)]
    assert matched({"t": turned}, {"a": arrays(0), "b": arrays(1)}) == {"t": "b"}


def test_a_tensor_that_no_node_gives_is_left_out() -> None:
    assert matched({"t": arrays(2)}, {"a": arrays(0), "b": arrays(1)}) == {}


def test_another_picture_tells_nodes_apart_that_agree_on_one() -> None:
    same, other = arrays(0), [arrays(0)[0], arrays(3)[0]]
    assert matched({"t": other}, {"a": same, "b": other}) == {"t": "b"}


def test_of_equal_nodes_the_one_that_is_named_is_taken() -> None:
    nodes = {"conv": arrays(0), "relu": arrays(0)}
    assert matched({"other;relu:0;more": arrays(0)}, nodes) == {"other;relu:0;more": "relu"}


def test_of_equal_nodes_the_one_of_the_same_shape_is_taken() -> None:
    flat = [one.reshape(1, -1) for one in arrays(0)]
    assert matched({"t": flat}, {"conv": arrays(0), "flat": flat}) == {"t": "flat"}


def test_the_small_differences_between_runtimes_do_not_matter() -> None:
    near = [one * np.float32(1 + 1e-6) + np.float32(1e-6) for one in arrays(0)]
    assert matched({"t": near}, {"a": arrays(0)}) == {"t": "a"}


def test_a_single_value_is_matched_by_its_size() -> None:
    value, near = np.full((1, 1), 20.0), np.full((1, 1), 20.00001)
    assert matched({"t": [near]}, {"a": [value], "b": [value + 1]}) == {"t": "a"}
