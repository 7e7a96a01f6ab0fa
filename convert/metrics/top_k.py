"""Whether the true class is the likeliest, or among the five likeliest.

A statistic is [3]: pictures right at first, pictures right among five, pictures. Of equal scores
the lower class counts as the likelier.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth

HEADLINE = "top1"
AGAINST: Literal["truth", "reference"] = "truth"

_MANY = 5


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Whether one picture's scores [C] are right: [3]. Raises SourceError on no class index."""
    if not isinstance(truth, int) or not 0 <= truth < len(prediction):
        raise SourceError(
            f"the truth is no class from 0 to {len(prediction) - 1}",
            hint="Choose a dataset of classified pictures; label_offset shifts its indices.",
        )
    rank = _rank(prediction, truth)
    return np.array([rank < 1, rank < _MANY, 1], np.float64)


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The top-1 accuracy of each of B sums [B, 3]; NaN where there is no picture."""
    right, pictures = sums[..., 0], sums[..., 2]
    return np.divide(right, pictures, out=np.full(right.shape, np.nan), where=pictures > 0)


def figures(total: Statistic) -> Mapping[str, float]:
    """Top-1 and top-5 accuracy."""
    pictures = total[2] or float("nan")
    return {HEADLINE: float(total[0] / pictures), "top5": float(total[1] / pictures)}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing: a picture per class or two says nothing of the class."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Whether the likeliest class is the reference's, of one picture."""
    return int(label(prediction) == label(reference)), 1


def label(prediction: Prediction) -> Prediction:
    """The likeliest class, an integer array []; a label stays as it is."""
    return np.asarray(prediction.argmax()) if prediction.ndim else prediction


def _rank(scores: Prediction, true: int) -> int:
    """How many classes are likelier than the true one."""
    # Written so that whatever is not a number counts as likelier.
    likelier = ~(scores <= scores[true])
    return int(np.count_nonzero(likelier) + np.count_nonzero(scores[:true] == scores[true]))
