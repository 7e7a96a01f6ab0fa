"""What a metric backend is: a module whose figures are taken of pooled pictures."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Statistic = NDArray[np.float64]
"""What one picture contributes; pooled over pictures, it is what figures are taken of."""
Truth = NDArray[Any] | int
"""A label map uint8 [H, W] (255 = void), a class index, boxes float64 [M, 6] (class, 1 for a crowd,
top, left, bottom, right), or what the reference's `label` kept."""
Prediction = NDArray[Any]
"""What postprocessing gives, see `convert.pictures.answer`."""


class MetricBackend(Protocol):
    """A module of `convert.metrics` that stands in its table.

    A picture's statistic is an array of one fixed shape [S...]; a score is a function of the sum
    of the statistics, so a bootstrap over pictures is a weighted sum. Where the pictures of a
    split do not add up that way, the module is a PoolingMetric, and "sum" below is its pool.
    """

    HEADLINE: str
    """The figure that gates judge and drops are taken of, such as "miou"; 1 is the best."""

    AGAINST: Literal["truth", "reference"]
    """What predictions are compared with. "reference": no truth is needed, and `observe` and
    `agreement` are given what `label` kept of the reference's prediction in the truth's place."""

    def observe(self, prediction: Prediction, truth: Truth, classes: int) -> Statistic:
        """What one picture contributes. Raises SourceError where the truth does not fit it."""
        ...

    def headline(self, sums: Statistic) -> NDArray[np.float64]:
        """The headline figure of each of B sums [B, S...]; NaN where it is undefined."""
        ...

    def figures(self, total: Statistic) -> Mapping[str, float]:
        """Every figure of one sum [S...], the headline among them.

        In 0..1 (or -1..1), but for those that have a unit, such as PSNR in dB.
        """
        ...

    def breakdown(self, total: Statistic) -> tuple[float | None, ...]:
        """The figure per class (None: the class is absent), or () where there is none."""
        ...

    def agreement(
        self, prediction: Prediction, reference: Prediction, truth: Truth
    ) -> tuple[int, int]:
        """How many counted labels equal the reference's, and how many are counted."""
        ...

    def label(self, prediction: Prediction) -> Prediction:
        """The part of a reference's prediction that must be kept to take `agreement` later."""
        ...


@runtime_checkable
class PoolingMetric(MetricBackend, Protocol):
    """A metric whose figures are no function of a sum, such as the mean average precision.

    Its statistics may have a varying number of rows [R, S...]; those of a split are filled up with
    rows of NaN, which count for nothing.
    """

    def pool(self, statistics: Statistic, weights: Statistic) -> Statistic:
        """What B samples of N pictures come to, [B, P...].

        `statistics` are [N, R, S...]; `weights` [B, N] tell how often each picture is drawn.
        """
        ...


def pooled(
    metric: MetricBackend, statistics: Statistic, weights: Statistic | None = None
) -> Statistic:
    """What B samples of N pictures come to: their weighted sums, or what the metric's `pool` gives.

    `weights` [B, N] tell how often each picture is drawn; without them each is drawn once, and the
    result has no axis B.
    """
    once = np.ones((1, len(statistics)))
    drawn = once if weights is None else weights
    if isinstance(metric, PoolingMetric):
        found = metric.pool(statistics, drawn)
    else:
        flat = drawn @ statistics.reshape(len(statistics), -1)
        found = flat.reshape(-1, *statistics.shape[1:])
    return found[0] if weights is None else found
