"""How far a drop may be chance: a paired bootstrap over pictures.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993: the percentile interval.
"""

from collections.abc import Iterator

import numpy as np

from convert.metrics.base import MetricBackend, Statistic, pooled

_CELLS = 4_000_000
"""How many numbers of 8 bytes one bundle of resamples may hold."""


def drop_interval(
    reference: Statistic,
    variant: Statistic,
    metric: MetricBackend,
    *,
    seed: int = 0,
    resamples: int = 2000,
) -> tuple[float, float] | None:
    """The 95 % interval of reference minus variant, from the statistics [N, S...] of each, of the
    same pictures.

    None where there are fewer than two pictures or the figure is undefined.
    """
    pictures = len(reference)
    if pictures < 2:
        return None
    stacks, size = (reference, variant), max(reference[0].size, variant[0].size)
    drops = np.concatenate(
        [
            np.subtract(*(metric.headline(pooled(metric, stack, weights)) for stack in stacks))
            for weights in _weights(pictures, size, seed, resamples)
        ]
    )
    if np.isnan(drops).all():
        return None
    low, high = np.nanpercentile(drops, [2.5, 97.5])
    return float(low), float(high)


def _weights(pictures: int, size: int, seed: int, resamples: int) -> Iterator[Statistic]:
    """How often each resample draws each picture, [B, N], in bundles that fit into memory."""
    generator = np.random.default_rng(seed)
    bundle = max(1, _CELLS // max(pictures, size))
    odds = np.full(pictures, 1 / pictures)
    for start in range(0, resamples, bundle):
        count = min(bundle, resamples - start)
        yield generator.multinomial(pictures, odds, size=count).astype(np.float64)
