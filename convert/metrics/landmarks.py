"""How far points lie from the reference's, in parts of the diagonal of the reference's box.

The normalised mean error of face alignment (Sagonas et al., "300 Faces In-the-Wild Challenge",
2016, there by the eyes' distance), by x and y only. A picture's error counts as 1 at most, so one
lost picture does not outweigh the others. A statistic is [2]: the error, and 1.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth

HEADLINE = "landmark_accuracy"
AGAINST: Literal["truth", "reference"] = "reference"

_CLOSE = 0.01
"""Of the box's diagonal."""


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Compare points [P, 2 or more] with the reference's: [2].

    Raises SourceError where the reference's are no points, or of another number.
    """
    error = _errors(prediction, _points(truth, prediction)).mean()
    return np.array([min(1.0, float(error)), 1.0], np.float64)


def headline(sums: Statistic) -> NDArray[np.float64]:
    """1 - the mean error of each of B sums [B, 2]; NaN where there is no picture."""
    error, pictures = sums[..., 0], sums[..., 1]
    means = np.divide(error, pictures, out=np.full(error.shape, np.nan), where=pictures > 0)
    return np.asarray(1 - means, np.float64)


def figures(total: Statistic) -> Mapping[str, float]:
    """The accuracy, and the normalised mean error that it lacks to 1."""
    error = float(total[0] / (total[1] or float("nan")))
    return {HEADLINE: 1 - error, "nme": error}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing: there are no classes."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Points within 1 % of the box's diagonal, and all."""
    errors = _errors(prediction, reference)
    return int(np.count_nonzero(errors <= _CLOSE)), len(errors)


def label(prediction: Prediction) -> Prediction:
    """The points as they are."""
    return prediction


def _errors(found: Prediction, wanted: Prediction) -> NDArray[np.float64]:
    """Each point's distance, in parts of the diagonal; 1 where it is no number."""
    places = wanted[:, :2].astype(np.float64)
    distances = np.linalg.norm(found[:, :2] - places, axis=1)
    diagonal = np.linalg.norm(np.ptp(places, axis=0))
    # Points that all lie in one place have no box: then it is the same place, or it is not.
    parts = distances / diagonal if diagonal > 0 else (distances > 0).astype(np.float64)
    return np.where(np.isfinite(parts), parts, 1.0)


def _points(truth: Truth, like: Prediction) -> Prediction:
    if isinstance(truth, int) or truth.ndim != 2 or truth.shape != like.shape:
        raise SourceError(
            f"the reference did not give {len(like)} points",
            hint="Give the recipe postprocessing.points, or another metric.",
        )
    return truth
