"""What is measured on few pictures is believed as far as it varies from one to the next."""

import numpy as np
import pytest

from convert.pipeline.rehearsal import shared_labels


def test_the_share_is_over_all_labels_and_its_error_over_pictures():
    random = np.random.default_rng(4)
    of = random.integers(800, 1200, 400)
    equal = random.binomial(of, 0.9)
    share, error = shared_labels(np.stack([equal, of], 1).astype(float))
    assert share == pytest.approx(equal.sum() / of.sum())
    # Binomial: sqrt(p q / n) over all labels.
    assert error == pytest.approx(np.sqrt(0.9 * 0.1 / of.sum()), rel=0.15)


def test_pictures_that_differ_more_are_believed_less():
    alike = np.array([[90.0, 100.0]] * 10)
    apart = np.array([[80.0, 100.0], [100.0, 100.0]] * 5)
    assert shared_labels(alike) == (pytest.approx(0.9), pytest.approx(0.0))
    assert shared_labels(apart)[1] == pytest.approx(0.1 / 3, rel=1e-6)


def test_one_picture_has_no_error_and_none_no_share():
    assert shared_labels(np.array([[3.0, 4.0]])) == (0.75, 0.0)
    assert shared_labels(np.array([[0.0, 0.0], [0.0, 0.0]])) == (0.0, 0.0)
