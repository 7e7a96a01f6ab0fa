"""Whether the boxes that the reference finds are found, and no others.

A box is matched with one of the reference's, of the same class and IoU 0.5 or more; the better
scored chooses first, as in Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge",
IJCV 2010. A statistic is [7]: matches, boxes found, boxes of the reference; over the matches the
sums of IoU and of absolute score differences; over the matches that have key points the sum of the
mean distances, in parts of the reference box's diagonal, and their number.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth
from convert.pictures.overlap import ious

HEADLINE = "box_f1"
AGAINST: Literal["truth", "reference"] = "reference"

_ENOUGH = 0.5
_CLASS, _SCORE, _BOX, _KEYPOINTS = 0, 1, slice(2, 6), slice(6, None)


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Match detections [N, 6 + 2K] with the reference's [M, 6 + 2K]: [7].

    Raises SourceError where the reference's are no such detections.
    """
    wanted = _detections(truth, prediction)
    matches = _matches(prediction, wanted)
    rows, others = [row for row, _, _ in matches], [other for _, other, _ in matches]
    overlap = sum(iou for _, _, iou in matches)
    apart = np.abs(prediction[rows, _SCORE] - wanted[others, _SCORE]).sum()
    errors = _keypoint_errors(prediction[rows], wanted[others])
    boxes = (len(matches), len(prediction), len(wanted))
    return np.array([*boxes, overlap, apart, errors.sum(), len(errors)], np.float64)


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The F1 of boxes of each of B sums [B, 7]; NaN where nobody found a box."""
    matches, boxes = sums[..., 0], sums[..., 1] + sums[..., 2]
    return np.divide(2 * matches, boxes, out=np.full(boxes.shape, np.nan), where=boxes > 0)


def figures(total: Statistic) -> Mapping[str, float]:
    """The F1 of boxes; of the matched ones the mean IoU and mean absolute score difference.

    Where they have key points, also their mean error in parts of the box's diagonal.
    """
    matches = total[0] or float("nan")
    keypoints = {"keypoint_nme": float(total[5] / total[6])} if total[6] else {}
    return {
        HEADLINE: float(headline(total[np.newaxis])[0]),
        "box_iou": float(total[3] / matches),
        "score_difference": float(total[4] / matches),
        **keypoints,
    }


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing: most pictures have few classes."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Boxes that both found, and boxes that either found."""
    matched = len(_matches(prediction, reference))
    return matched, len(prediction) + len(reference) - matched


def label(prediction: Prediction) -> Prediction:
    """The detections as they are."""
    return prediction


def _matches(found: Prediction, wanted: Prediction) -> list[tuple[int, int, float]]:
    """Row, row of the reference, and IoU of each match."""
    overlaps = ious(found[:, _BOX], wanted[:, _BOX])
    overlaps[found[:, [_CLASS]] != wanted[:, _CLASS]] = 0
    matches: list[tuple[int, int, float]] = []
    if not overlaps.size:
        return matches
    for row in np.argsort(-found[:, _SCORE], kind="stable"):
        best = int(overlaps[row].argmax())
        if (overlap := float(overlaps[row, best])) >= _ENOUGH:
            matches.append((int(row), best, overlap))
            overlaps[:, best] = 0
    return matches


def _keypoint_errors(found: Prediction, wanted: Prediction) -> NDArray[np.float64]:
    """Of each match, if there are key points; [0] otherwise."""
    apart = (found[:, _KEYPOINTS] - wanted[:, _KEYPOINTS]).astype(np.float64)
    if not apart.size:
        return np.zeros(0)
    distances = np.linalg.norm(apart.reshape(len(found), -1, 2), axis=2).mean(axis=1)
    corners = wanted[:, _BOX].astype(np.float64)
    # A matched box has an area, so its diagonal has a length.
    return np.asarray(distances / np.linalg.norm(corners[:, 2:] - corners[:, :2], axis=1))


def _detections(truth: Truth, like: Prediction) -> Prediction:
    if isinstance(truth, int) or truth.ndim != 2 or truth.shape[1:] != like.shape[1:]:
        raise SourceError(
            f"the reference gave no detections [N, {like.shape[-1]}]",
            hint="Give the recipe postprocessing.boxes, or another metric.",
        )
    return truth
