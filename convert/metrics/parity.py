"""How near an answer's numbers are to the reference's, whatever they mean.

A statistic is [4]: the sums of squares of the difference, of the reference and of the answer, and
the sum of products of the two. An answer that is not all numbers counts as zeros.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth

HEADLINE = "parity"
AGAINST: Literal["truth", "reference"] = "reference"

_CLOSE = 0.01
"""Of the range of the reference's numbers."""


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Compare numbers of any shape with the reference's: [4].

    Raises SourceError where the reference's are of another shape.
    """
    wanted = _numbers(truth, prediction).astype(np.float64).reshape(-1)
    found = _sound(prediction).astype(np.float64).reshape(-1)
    apart = found - wanted
    return np.array([apart @ apart, wanted @ wanted, found @ found, found @ wanted])


def headline(sums: Statistic) -> NDArray[np.float64]:
    """1 - rms(difference) / rms(reference) of each of B sums [B, 4], 0 at least.

    NaN where the reference is zero throughout.
    """
    apart, wanted = sums[..., 0], sums[..., 1]
    share = np.divide(apart, wanted, out=np.full(wanted.shape, np.nan), where=wanted > 0)
    return np.asarray(np.maximum(1 - np.sqrt(share), 0), np.float64)


def figures(total: Statistic) -> Mapping[str, float]:
    """The parity, and the cosine of the angle between the two."""
    _, wanted, found, product = total
    # A zero answer points nowhere, which is not where the reference points.
    lengths = np.sqrt(wanted * (found or 1)) or float("nan")
    return {HEADLINE: float(headline(total[np.newaxis])[0]), "cosine": float(product / lengths)}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing: there are no classes."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Numbers within 1 % of the range of the reference's, and all."""
    with np.errstate(invalid="ignore"):
        near = np.abs(prediction - reference) <= _CLOSE * np.ptp(reference)
    return int(np.count_nonzero(near)), int(near.size)


def label(prediction: Prediction) -> Prediction:
    """The numbers as they are."""
    return prediction


def _sound(prediction: Prediction) -> Prediction:
    return prediction if np.isfinite(prediction).all() else np.zeros_like(prediction)


def _numbers(truth: Truth, like: Prediction) -> Prediction:
    if isinstance(truth, int) or truth.shape != like.shape:
        raise SourceError(
            f"the reference did not give numbers of shape {like.shape}",
            hint="Compare files of one recipe, made from one source.",
        )
    return truth
