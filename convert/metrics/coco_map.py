"""Mean average precision of boxes, as COCO has it: over IoU of 0.5 to 0.95 and over classes.

Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014. pycocotools matches each
picture's boxes; what it would accumulate over a split is done here in the same way, but for many
samples of the pictures at once. At most 100 boxes of a class count in a picture.

A statistic has a row [12] for each box. Of one that was found: its class, its score, and at each of
the ten IoUs 1 where it matches a true box, 0 where it does not, NaN where it is not counted. Of a
true one that is to be found: its class, and all else NaN. A split pools to the average precision
[10, C] at each IoU and of each class up to the last that occurs; NaN where a class has no true box.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.metrics.base import Prediction, Statistic, Truth
from convert.metrics.detection import agreement as agreement
from convert.metrics.detection import label as label

HEADLINE = "coco_map"
AGAINST: Literal["truth", "reference"] = "truth"

_IOUS = np.linspace(0.5, 0.95, 10)
_RECALLS = np.linspace(0, 1, 101)
_MOST = 100
_ANY_AREA = (0, 1e5**2)
_CLASS, _SCORE, _BOX, _MATCHES = 0, 1, slice(2, 6), slice(2, 12)
_TRUE_COLUMNS, _COLUMNS = 6, 12


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """Match detections [N, 6 or more] with true boxes [M, 6] by class: [rows, 12].

    Raises SourceError where the truth is no boxes.
    """
    true = _boxes(truth)
    kinds = np.unique(np.concatenate([prediction[:, _CLASS], true[:, _CLASS]])).astype(int)
    rows = [
        _of_class(prediction[prediction[:, _CLASS] == kind], true[true[:, _CLASS] == kind], kind)
        for kind in kinds
    ]
    return np.concatenate([np.empty((0, _COLUMNS)), *rows])


def pool(statistics: Statistic, weights: Statistic) -> Statistic:
    """The average precisions [B, 10, C] of B samples of the pictures."""
    pictures = np.repeat(np.arange(len(statistics)), statistics.shape[1])
    rows = statistics.reshape(-1, _COLUMNS)
    filled = ~np.isnan(rows[:, _CLASS])
    rows, pictures = rows[filled], pictures[filled]
    kinds = rows[:, _CLASS].astype(int)
    found = np.full((len(weights), len(_IOUS), kinds.max(initial=0) + 1), np.nan)
    for kind in np.unique(kinds):
        of_kind = kinds == kind
        found[..., kind] = _precisions(rows[of_kind], pictures[of_kind], weights)
    return found


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The mean average precision of each of B pools [B, 10, C]; NaN where there is no true box."""
    return _mean(sums.reshape(len(sums), -1))


def figures(total: Statistic) -> Mapping[str, float]:
    """The mean over IoUs and classes, and that at an IoU of 0.5."""
    return {HEADLINE: float(_mean(total.reshape(-1))), "ap50": float(_mean(total[0]))}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """The mean over IoUs of each class, None where no box of it is true."""
    return tuple(None if np.isnan(value) else float(value) for value in _mean(total.T))


def _of_class(found: Prediction, true: NDArray[np.float64], kind: int) -> Statistic:
    """The rows of one class in one picture."""
    matched, scores, counted = _matched(found, true, kind)
    rows = np.full((len(scores) + np.count_nonzero(true[:, 1] == 0), _COLUMNS), np.nan)
    rows[:, _CLASS] = kind
    rows[: len(scores), _SCORE] = scores
    rows[: len(scores), _MATCHES] = np.where(counted, matched, np.nan).T
    return rows


def _matched(
    found: Prediction, true: NDArray[np.float64], kind: int
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Whether each box is matched [10, N], its score [N], and whether it is counted [10, N]."""
    from pycocotools.cocoeval import COCOeval

    judge = COCOeval(iouType="bbox")
    judge.params.iouThrs, judge.params.maxDets = _IOUS, [_MOST]
    # What its evaluate() prepares before it calls the two below, less its prints.
    judge._gts[0, kind] = _annotations(true[:, _BOX], iscrowd=true[:, 1], ignore=true[:, 1])
    judge._dts[0, kind] = _annotations(found[:, _BOX], score=found[:, _SCORE])
    judge.ious = {(0, kind): judge.computeIoU(0, kind)}
    seen: dict[str, Any] = judge.evaluateImg(0, kind, _ANY_AREA, _MOST)
    return seen["dtMatches"] > 0, np.array(seen["dtScores"]), ~seen["dtIgnore"]


def _annotations(corners: NDArray[Any], **others: NDArray[Any]) -> list[dict[str, Any]]:
    """Boxes as pycocotools reads them, numbered from 1: for it, 0 is no box."""
    top, left, bottom, right = corners.astype(np.float64).T
    sides = np.stack([left, top, right - left, bottom - top], axis=1)
    return [
        {
            "id": number + 1,
            "bbox": box.tolist(),
            "area": float(box[2] * box[3]),
            **{name: values[number] for name, values in others.items()},
        }
        for number, box in enumerate(sides)
    ]


def _precisions(rows: Statistic, pictures: NDArray[np.intp], weights: Statistic) -> Statistic:
    """The average precisions [B, 10] of one class, from its rows and the picture of each."""
    is_true = np.isnan(rows[:, _SCORE])
    wanted = weights @ np.bincount(pictures[is_true], minlength=weights.shape[1])
    # By score; of equal ones the first picture's first, as pycocotools has it.
    order = np.flatnonzero(~is_true)
    order = order[np.argsort(-rows[order, _SCORE], kind="stable")]
    drawn = weights[:, pictures[order]]
    found = np.cumsum(drawn, axis=1)
    by_iou = rows[order, _MATCHES].T
    return np.stack([_precision(matches, drawn, found, wanted) for matches in by_iou], axis=1)


def _precision(
    matches: Statistic, drawn: Statistic, found: Statistic, wanted: Statistic
) -> Statistic:
    """The mean precision at 101 recalls, [B], from matches [N], the best scored first.

    `drawn` [B, N] is how often each box is drawn, and `found` its sum so far.
    """
    hits = matches == 1
    # Precision rises at hits alone, so nothing is lost by looking at these only.
    right = np.cumsum(drawn[:, hits], axis=1)
    passed_over = np.isnan(matches)
    if passed_over.any():
        found = found - np.cumsum(drawn * passed_over, axis=1)
    found = found[:, hits]
    precision = np.divide(right, found, out=np.zeros(found.shape), where=found > 0)
    # The best precision at this recall or at a higher one.
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = right / np.where(wanted > 0, wanted, 1)[:, np.newaxis]
    # How many of the recalls each hit is the first to reach.
    reached = np.searchsorted(_RECALLS, recall, side="right")
    first = np.diff(reached, axis=1, prepend=0)
    return np.where(wanted > 0, (best * first).sum(axis=1) / len(_RECALLS), np.nan)


def _mean(values: Statistic) -> NDArray[np.float64]:
    """The mean over the last axis of what is a number; NaN where nothing is."""
    present = ~np.isnan(values)
    counts = present.sum(axis=-1)
    total = np.where(present, values, 0).sum(axis=-1)
    return np.divide(total, counts, out=np.full(np.shape(total), np.nan), where=counts > 0)


def _boxes(truth: Truth) -> NDArray[np.float64]:
    if isinstance(truth, int) or truth.dtype.kind != "f" or truth.shape[1:] != (_TRUE_COLUMNS,):
        raise SourceError(
            "the truth is no boxes, and the mean average precision needs them",
            hint='Choose a dataset of kind "coco", or the metric detection.',
        )
    return truth
