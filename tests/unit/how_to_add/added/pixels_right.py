"""The share of pixels with the right label; a statistic is right and all, [2]."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.metrics.base import Prediction, Statistic, Truth

HEADLINE = "pixels_right"
AGAINST = "truth"


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """One picture's pixels."""
    return np.array([np.count_nonzero(prediction == truth), prediction.size], np.float64)


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The share of each of B sums [B, 2]."""
    return np.asarray(sums[..., 0] / sums[..., 1])


def figures(total: Statistic) -> Mapping[str, float]:
    """The share."""
    return {HEADLINE: float(headline(total))}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing by class."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Pixels with the reference's label, and all."""
    return int(np.count_nonzero(prediction == reference)), prediction.size


def label(prediction: Prediction) -> Prediction:
    """The labels as they are."""
    return prediction
