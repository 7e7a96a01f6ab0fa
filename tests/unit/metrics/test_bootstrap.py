"""How far a drop may be chance."""

import time

import numpy as np
import pytest

from convert.metrics import miou, top_k
from convert.metrics.bootstrap import drop_interval

RNG = np.random.default_rng(4)


def answers(right: np.ndarray) -> np.ndarray:
    return np.stack([right, right, np.ones_like(right)], axis=1).astype(np.float64)


def test_equal_answers_have_no_drop_at_all() -> None:
    stack = answers(RNG.integers(0, 2, 50))
    assert drop_interval(stack, stack, top_k) == (0, 0)


def test_the_interval_holds_the_drop_and_is_as_wide_as_theory_says() -> None:
    reference = np.ones(400)
    variant = reference.copy()
    variant[:40] = 0
    found = drop_interval(answers(reference), answers(variant), top_k)
    width = 1.96 * np.sqrt(0.1 * 0.9 / 400)
    assert found == pytest.approx((0.1 - width, 0.1 + width), abs=0.006)


def test_pairing_cancels_what_both_have_in_common() -> None:
    reference = RNG.integers(0, 2, 200).astype(float)
    variant = reference.copy()
    variant[np.flatnonzero(reference)[:2]] = 0
    found = drop_interval(answers(reference), answers(variant), top_k)
    assert found is not None
    assert found[1] - found[0] < 0.04  # two accuracies apart from each other: 0.14


def test_the_same_seed_gives_the_same_interval() -> None:
    reference, variant = (answers(RNG.integers(0, 2, 30)) for _ in range(2))
    first, second = (drop_interval(reference, variant, top_k) for _ in range(2))
    assert first == second


def test_a_single_picture_says_nothing_of_chance() -> None:
    assert drop_interval(np.ones((1, 3)), np.ones((1, 3)), top_k) is None


def test_what_is_undefined_has_no_interval() -> None:
    nothing = np.zeros((5, 3, 21))
    assert drop_interval(nothing, nothing, miou) is None


def test_a_hundred_pictures_of_21_classes_take_less_than_a_second() -> None:
    both = RNG.integers(0, 1000, (100, 21)).astype(float)
    reference = np.stack([both + 100, both + 100, both], axis=1)
    variant = np.stack([both + 100, both + 110, both - 1], axis=1)
    start = time.process_time()
    found = drop_interval(reference, variant, miou)
    assert time.process_time() - start < 1
    assert found is not None
    assert found[0] > 0
