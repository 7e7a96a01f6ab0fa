"""No label of a chart lies on another, as long as there is room."""

from convert.audit.placing import placed

SIZE = (400, 200)


def place(*points: tuple[float, float]) -> list[dict[str, object]]:
    values = [{"x": x, "y": y, "variant": "tflite-uint8"} for x, y in points]
    ranges = ((1.0, 10.0), (0.0, 1.0))
    return list(placed(values, keys=("x", "y"), ranges=ranges, size=SIZE, logs=(True, False)))


def test_labels_of_one_place_are_set_apart() -> None:
    found = place((2, 0.5), (2, 0.5), (2.05, 0.5), (2, 0.52))
    assert len({one["dy"] for one in found}) == 4


def test_labels_that_are_far_apart_stand_alike() -> None:
    assert {one["dy"] for one in place((1.5, 0.2), (1.5, 0.8))} == {-9}


def test_a_label_near_the_right_edge_stands_left_of_its_mark() -> None:
    assert [one["align"] for one in place((1.2, 0.5), (9.5, 0.5))] == ["left", "right"]
