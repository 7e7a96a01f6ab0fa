"""Mean intersection over union, as PASCAL VOC has it: counted over all pictures, void left out.

The mean is over the classes that occur in the truth of the pictures. A statistic is [3, C]:
pixels that are class c in truth, in the prediction, and in both.
Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", IJCV 2015.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth
from convert.vocabulary import VOID

HEADLINE = "miou"
AGAINST: Literal["truth", "reference"] = "truth"

_MAP_RANK = 2


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Count one picture's pixels: [3, classes]. Raises SourceError where the truth does not fit."""
    found, true = label(prediction), _map(truth)
    if true.shape != found.shape:
        raise SourceError(f"the truth is {true.shape} pixels, the prediction {found.shape}")
    counted = true != VOID
    found, true = found[counted], true[counted]
    if true.max(initial=0) >= classes:
        raise SourceError(f"the truth holds label {true.max()}, the model has {classes} classes")
    return np.stack([_histogram(labels, classes) for labels in (true, found, true[true == found])])


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The mean IoU of each of B sums [B, 3, C]; NaN where no class is present."""
    ious = _ious(sums)
    present = (~np.isnan(ious)).sum(axis=-1)
    total = np.nansum(ious, axis=-1)
    return np.divide(total, present, out=np.full(total.shape, np.nan), where=present > 0)


def figures(total: Statistic) -> Mapping[str, float]:
    """The mean IoU, and the share of counted pixels that are right."""
    true, _, both = total
    pixels = true.sum()
    accuracy = float(both.sum() / pixels) if pixels else float("nan")
    return {HEADLINE: float(headline(total[np.newaxis])[0]), "pixel_accuracy": accuracy}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """The IoU of each class, None where the truth has none of it."""
    return tuple(None if np.isnan(iou) else float(iou) for iou in _ious(total))


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Pixels with the reference's label, and pixels that are not void."""
    counted = _map(truth) != VOID
    equal = (label(prediction) == label(reference)) & counted
    return int(np.count_nonzero(equal)), int(np.count_nonzero(counted))


def label(prediction: Prediction) -> Prediction:
    """The labels [H, W]: the likeliest class; of a lone probability [H, W, 1], 1 above 0.5."""
    if prediction.ndim == _MAP_RANK:
        return prediction
    if prediction.shape[-1] == 1:
        return np.asarray(prediction[..., 0] > 0.5, np.uint8)
    small = prediction.shape[-1] <= VOID
    return np.asarray(prediction.argmax(axis=-1), np.uint8 if small else np.int32)


def _map(truth: Truth) -> NDArray[np.uint8]:
    if isinstance(truth, int):
        raise SourceError(
            "the truth is a class, and mean IoU needs a label for each pixel",
            hint="Choose a segmentation dataset, or the metric top_k.",
        )
    return truth


def _histogram(labels: NDArray[Any], classes: int) -> Statistic:
    """How often each class occurs; other labels are left out."""
    return np.bincount(labels, minlength=classes)[:classes].astype(np.float64)


def _ious(sums: Statistic) -> Statistic:
    """IoU by class, [..., 3, C] to [..., C]; NaN for classes that the truth has none of."""
    true, found, both = np.moveaxis(sums, -2, 0)
    return np.divide(both, true + found - both, out=np.full(true.shape, np.nan), where=true > 0)
