"""How far a drop may be chance: a paired bootstrap over pictures.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993: the percentile interval.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from convert.metrics.base import Statistic

Headline = Callable[[Statistic], NDArray[np.float64]]

_CELLS = 4_000_000
"""How many numbers of 8 bytes one bundle of resamples may hold."""


def drop_interval(
    reference: Statistic,
    variant: Statistic,
    headline: Headline,
    *,
    seed: int = 0,
    resamples: int = 2000,
) -> tuple[float, float] | None:
    """The 95 % interval of reference minus variant, from statistics [N, S...] of the same pictures.

    None where there are fewer than two pictures or the figure is undefined.
    """
    pictures = len(reference)
    if pictures < 2:
        return None
    stacks = [stack.reshape(pictures, -1) for stack in (reference, variant)]
    drops = np.concatenate(
        [
            np.subtract(*(headline(_sums(weights, stack, reference)) for stack in stacks))
            for weights in _weights(pictures, stacks[0].shape[1], seed, resamples)
        ]
    )
    if np.isnan(drops).all():
        return None
    low, high = np.nanpercentile(drops, [2.5, 97.5])
    return float(low), float(high)


def _sums(weights: Statistic, stack: Statistic, like: Statistic) -> Statistic:
    """The sums [B, S...] that the weights [B, N] give."""
    return (weights @ stack).reshape(-1, *like.shape[1:])


def _weights(pictures: int, size: int, seed: int, resamples: int) -> Iterator[Statistic]:
    """How often each resample draws each picture, [B, N], in bundles that fit into memory."""
    generator = np.random.default_rng(seed)
    bundle = max(1, _CELLS // max(pictures, size))
    odds = np.full(pictures, 1 / pictures)
    for start in range(0, resamples, bundle):
        count = min(bundle, resamples - start)
        yield generator.multinomial(pictures, odds, size=count).astype(np.float64)
