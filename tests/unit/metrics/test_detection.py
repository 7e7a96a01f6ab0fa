"""How boxes are compared with the reference's."""

import numpy as np
import pytest

from convert.metrics import detection

NONE = np.zeros((0, 6), np.float32)


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def figures(found: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
    return dict(detection.figures(detection.observe(found, wanted, 91)))


CAT = [17, 0.9, 0, 0, 10, 10]


def test_the_figures_are_those_of_counting_by_hand() -> None:
    wanted = boxes(CAT, [1, 0.8, 50, 50, 60, 60])
    found = boxes([17, 0.7, 0, 0, 10, 8], [3, 0.6, 50, 50, 60, 60], [1, 0.5, 90, 90, 99, 99])
    told = figures(found, wanted)
    assert told == pytest.approx({"box_f1": 2 / 5, "box_iou": 0.8, "score_difference": 0.2})
    assert detection.agreement(found, wanted, 0) == (1, 4)


def test_a_box_of_another_class_is_no_match() -> None:
    assert figures(boxes([16, *CAT[1:]]), boxes(CAT))["box_f1"] == 0


def test_half_an_overlap_is_enough_and_less_is_not() -> None:
    assert figures(boxes([17, 0.9, 0, 0, 10, 5]), boxes(CAT))["box_f1"] == 1
    assert figures(boxes([17, 0.9, 0, 0, 10, 4.9]), boxes(CAT))["box_f1"] == 0


def test_a_box_is_matched_once_and_the_better_scored_chooses_first() -> None:
    worse, better = [17, 0.6, 0, 0, 10, 10], [17, 0.8, 0, 0, 10, 9]
    told = figures(boxes(worse, better), boxes(CAT))
    assert told == pytest.approx({"box_f1": 2 / 3, "box_iou": 0.9, "score_difference": 0.1})


def test_boxes_are_counted_over_all_pictures() -> None:
    total = detection.observe(boxes(CAT), boxes(CAT), 91) + detection.observe(NONE, boxes(CAT), 91)
    assert detection.figures(total)["box_f1"] == pytest.approx(2 / 3)


def test_a_picture_in_which_nobody_finds_anything_says_nothing() -> None:
    nothing = detection.observe(NONE, NONE, 91)
    assert not nothing.any()
    assert detection.agreement(NONE, NONE, 0) == (0, 0)


def test_boxes_that_the_reference_does_not_find_count_against_it() -> None:
    assert figures(boxes(CAT), NONE)["box_f1"] == 0


def test_key_points_are_measured_by_the_boxs_diagonal() -> None:
    wanted = boxes([0, 0.9, 0, 0, 30, 40, 10, 10, 20, 20])
    found = boxes([0, 0.9, 0, 0, 30, 40, 13, 14, 20, 20])
    assert figures(found, wanted)["keypoint_nme"] == pytest.approx(5 / 2 / 50)
    assert "keypoint_nme" not in figures(boxes(CAT), boxes(CAT))
    assert not detection.observe(found[:0], wanted[:0], 1).any()
