"""How similar pictures are to the reference's: SSIM and PSNR, averaged over pictures.

Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP
2004, with that paper's Gaussian window, over the three channels. A statistic is [3]: SSIM (0 where
it is negative), PSNR in dB (100 at most), and 1.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth

HEADLINE = "ssim"
AGAINST: Literal["truth", "reference"] = "reference"

_MOST_DB = 100.0
"""In place of the infinity that equal pictures have, which has no mean."""
_CLOSE = 2
"""Levels of 255 that nobody sees."""
_WINDOW = 11


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Compare a picture with the reference's, uint8 [H, W, 3] both: [3].

    Raises SourceError where the reference's is no picture of that size, or smaller than SSIM's
    window of 11 pixels.
    """
    from skimage.metrics import structural_similarity

    wanted = _picture(truth, prediction)
    similarity = structural_similarity(
        wanted,
        prediction,
        data_range=255,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return np.array([max(0.0, float(similarity)), _decibels(prediction, wanted), 1])


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The mean SSIM of each of B sums [B, 3]; NaN where there is no picture."""
    total, pictures = sums[..., 0], sums[..., 2]
    return np.divide(total, pictures, out=np.full(total.shape, np.nan), where=pictures > 0)


def figures(total: Statistic) -> Mapping[str, float]:
    """The mean SSIM, and the mean PSNR in dB."""
    pictures = total[2] or float("nan")
    return {HEADLINE: float(total[0] / pictures), "psnr": float(total[1] / pictures)}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing: there are no classes."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Pixels of which no channel is more than 2 levels off, and all."""
    off = np.abs(prediction.astype(np.int16) - reference).max(axis=-1)
    return int(np.count_nonzero(off <= _CLOSE)), int(off.size)


def label(prediction: Prediction) -> Prediction:
    """The picture as it is."""
    return prediction


def _decibels(prediction: Prediction, wanted: Prediction) -> float:
    from skimage.metrics import peak_signal_noise_ratio

    if np.array_equal(prediction, wanted):
        return _MOST_DB
    return min(_MOST_DB, float(peak_signal_noise_ratio(wanted, prediction, data_range=255)))


def _picture(truth: Truth, like: Prediction) -> Prediction:
    if isinstance(truth, int) or truth.shape != like.shape:
        raise SourceError(
            f"the reference gave no picture of {like.shape}",
            hint="Measure afresh with --force, or give the recipe another metric.",
        )
    if min(like.shape[:2]) < _WINDOW:
        raise SourceError(
            f"a picture of {like.shape[0]}x{like.shape[1]} pixels is too small for SSIM",
            hint=f"Take pictures of less than {_WINDOW} pixels a side out of the dataset.",
        )
    return truth
