"""How scores are judged."""

import numpy as np
import pytest

from convert.errors import SourceError
from convert.metrics import top_k


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_fifth_is_among_the_five_likeliest_and_the_sixth_is_not() -> None:
    falling = scores(9, 8, 7, 6, 5, 4, 3)
    seen = [top_k.observe(falling, true, 7).tolist() for true in (0, 1, 4, 5)]
    assert seen == [[1, 1, 1], [0, 1, 1], [0, 1, 1], [0, 0, 1]]


def test_of_equal_scores_the_lower_class_is_the_likelier() -> None:
    flat = np.zeros(10, np.float32)
    right = [top_k.observe(flat, true, 10)[:2].tolist() for true in range(10)]
    assert right == [[1, 1]] + [[0, 1]] * 4 + [[0, 0]] * 5
    assert top_k.label(flat) == 0


def test_scores_that_are_no_numbers_are_never_right() -> None:
    assert not top_k.observe(np.full(10, np.nan, np.float32), 3, 10)[:2].any()


@pytest.mark.parametrize("truth", [-1, 3, np.zeros((2, 2), np.uint8)])
def test_a_truth_that_is_no_class_is_an_error(truth: int | np.ndarray) -> None:
    with pytest.raises(SourceError, match="no class from 0 to 2"):
        top_k.observe(scores(1, 2, 3), truth, 3)
