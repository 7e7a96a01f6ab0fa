"""How masks are compared."""

import numpy as np
import pytest

from convert.errors import SourceError
from convert.metrics import miou
from convert.vocabulary import VOID


def labels(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.uint8)


def test_the_figures_are_those_of_counting_by_hand() -> None:
    truth, found = labels([0, 0, 1, 1, 1, 2]), labels([0, 1, 1, 1, 0, 2])
    total = miou.observe(found, truth, 4)
    assert miou.breakdown(total) == (pytest.approx(1 / 3), pytest.approx(2 / 4), 1.0, None)
    assert miou.figures(total) == pytest.approx(
        {"miou": (1 / 3 + 2 / 4 + 1) / 3, "pixel_accuracy": 4 / 6}
    )


def test_void_counts_for_nothing() -> None:
    truth = labels([0, 1, VOID, VOID])
    figures = [
        miou.figures(miou.observe(labels([0, 1, a, b]), truth, 3)) for a, b in [(0, 1), (2, 2)]
    ]
    assert figures[0] == figures[1] == {"miou": 1, "pixel_accuracy": 1}
    assert miou.agreement(labels([0, 2, 1, 1]), labels([0, 1, 1, 1]), truth) == (1, 2)


def test_a_class_that_is_only_predicted_lowers_the_others_and_is_no_class_of_its_own() -> None:
    total = miou.observe(labels([0, 0, 0, 2]), labels([0, 0, 0, 0]), 3)
    assert miou.figures(total)["miou"] == 0.75
    assert miou.breakdown(total)[2] is None


def test_pictures_are_counted_together_not_averaged() -> None:
    stack = [
        miou.observe(labels([1] * 9 + [0]), labels([1] * 10), 2),
        miou.observe(labels([0]), labels([1]), 2),
    ]
    assert miou.figures(np.sum(stack, axis=0))["miou"] == pytest.approx(9 / 11)


def test_probabilities_become_labels() -> None:
    assert miou.label(np.array([[[0.5], [0.6]]])).tolist() == [[0, 1]]
    assert miou.label(np.array([[[0.2, 0.3, 0.3], [0.5, 0.1, 0.2]]])).tolist() == [[1, 0]]


@pytest.mark.parametrize("truth", [labels([0, 9]), labels([0, 1, 1]), 3])
def test_a_truth_that_does_not_fit_is_an_error(truth: np.ndarray | int) -> None:
    with pytest.raises(SourceError, match="truth"):
        miou.observe(labels([0, 1]), truth, 2)
