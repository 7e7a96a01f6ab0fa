"""Intersection over union of the person, label 1, counted over all pictures, void left out.

What Google's model cards of Meet and ML Kit segmentation report. Statistics are those of `miou`.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.metrics import miou
from convert.metrics.base import Statistic
from convert.metrics.miou import agreement as agreement
from convert.metrics.miou import breakdown as breakdown
from convert.metrics.miou import label as label
from convert.metrics.miou import observe as observe

HEADLINE = "person_iou"
AGAINST: Literal["truth", "reference"] = "truth"

_PERSON = 1


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The person's IoU of each of B sums [B, 3, 2]; NaN where no picture has a person."""
    true, found, both = (sums[:, row, _PERSON] for row in range(3))
    either = true + found - both
    return np.divide(both, either, out=np.full(either.shape, np.nan), where=true > 0)


def figures(total: Statistic) -> Mapping[str, float]:
    """The person's IoU, beside what `miou` gives."""
    return {HEADLINE: float(headline(total[np.newaxis])[0]), **miou.figures(total)}
