"""How numbers are compared with the reference's."""

import numpy as np
import pytest

from convert.metrics import parity

WANTED = np.array([3, 4, 0, 0], np.float32)


def figures(found: np.ndarray, wanted: np.ndarray = WANTED) -> dict[str, float]:
    return dict(parity.figures(parity.observe(found, wanted, 1)))


def test_the_figures_are_those_of_counting_by_hand() -> None:
    found = np.array([3, 4, 0, 2], np.float32)
    assert figures(found) == pytest.approx({"parity": 0.6, "cosine": 25 / (5 * np.sqrt(29))})


def test_a_factor_lowers_the_parity_and_leaves_the_angle() -> None:
    assert figures(WANTED * 1.25) == pytest.approx({"parity": 0.75, "cosine": 1})


@pytest.mark.parametrize("odd", [0, np.nan, np.inf])
def test_zeros_and_what_is_no_number_are_worth_nothing(odd: float) -> None:
    found = np.full_like(WANTED, odd)
    assert figures(found) == {"parity": 0, "cosine": 0}


def test_an_answer_worse_than_zeros_is_not_below_nothing() -> None:
    assert figures(-9 * WANTED)["parity"] == 0


def test_large_pictures_count_for_more() -> None:
    total = parity.observe(WANTED * 0, WANTED, 1) + parity.observe(WANTED * 10, WANTED * 10, 1)
    assert parity.figures(total)["parity"] == pytest.approx(1 - np.sqrt(25 / 2525))


def test_numbers_within_a_hundredth_of_the_range_agree() -> None:
    found = WANTED + np.array([0.03, 0.05, 0, np.inf], np.float32)
    assert parity.agreement(found, WANTED, 0) == (2, 4)
    assert parity.agreement(WANTED[None], WANTED[None], 0) == (4, 4)
