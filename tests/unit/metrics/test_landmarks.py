"""How points are compared with the reference's."""

import numpy as np
import pytest

from convert.metrics import landmarks


def points(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


SQUARE = points([0, 0, 5], [30, 0, 5], [0, 40, 5], [30, 40, 5])


def figures(found: np.ndarray, wanted: np.ndarray = SQUARE) -> dict[str, float]:
    return dict(landmarks.figures(landmarks.observe(found, wanted, 1)))


def test_the_error_is_in_parts_of_the_diagonal() -> None:
    moved = SQUARE + points([3, 4, 0])
    assert figures(moved) == pytest.approx({"landmark_accuracy": 0.9, "nme": 0.1})


def test_depth_is_not_counted() -> None:
    assert figures(SQUARE + points([0, 0, 99]))["nme"] == 0


@pytest.mark.parametrize("lost", [1e9, np.nan, np.inf])
def test_a_lost_picture_counts_as_one_and_no_more(lost: float) -> None:
    gone = np.full_like(SQUARE, lost)
    total = landmarks.observe(gone, SQUARE, 1) + landmarks.observe(SQUARE, SQUARE, 1)
    assert landmarks.figures(total)["landmark_accuracy"] == 0.5


def test_points_that_all_lie_in_one_place_are_right_only_there() -> None:
    place = points([7, 7], [7, 7])
    assert figures(place, place)["landmark_accuracy"] == 1
    assert figures(place + 1, place)["landmark_accuracy"] == 0


def test_points_within_a_hundredth_of_the_diagonal_agree() -> None:
    found = SQUARE + points([0.4, 0, 0], [0.6, 0, 0], [0, 0.4, 0], [np.nan, 0, 0])
    assert landmarks.agreement(found, SQUARE, 0) == (2, 4)
