"""Non-maximum suppression: of boxes that overlap, the best is left."""

import numpy as np
from numpy.typing import NDArray

from convert.pictures.choose import Floats
from convert.pictures.overlap import ious
from convert.preprocessing import Suppression

Indices = NDArray[np.intp]


def suppress(
    corners: Floats, scores: Floats, how: Suppression, *, first: int = 0
) -> tuple[Indices, Indices]:
    """Row and class of each detection of boxes [N, 4] with scores [N, C], the best first.

    Classes before the `first` are never detected.
    """
    if how.per_class:
        classes = np.arange(first, scores.shape[1])
        groups = [(_kept(corners, scores[:, c], how), c) for c in classes]
        chosen = np.concatenate([anchor for anchor, _ in groups])
        of_class = np.concatenate([np.full(len(anchor), c) for anchor, c in groups])
    else:
        best = scores[:, first:].argmax(axis=1) + first
        chosen = _kept(corners, scores[np.arange(len(scores)), best], how)
        of_class = best[chosen]
    order = np.argsort(-scores[chosen, of_class], kind="stable")[: how.max_detections]
    return chosen[order], of_class[order]


def _kept(corners: Floats, scores: Floats, how: Suppression) -> Indices:
    """The boxes that non-maximum suppression leaves, the best first."""
    candidates = np.flatnonzero(scores >= how.score_threshold)
    candidates = candidates[np.argsort(-scores[candidates], kind="stable")]
    kept: list[int] = []
    while len(candidates) and len(kept) < how.max_detections:
        best, candidates = candidates[0], candidates[1:]
        kept.append(int(best))
        covered = ious(corners[[best]], corners[candidates])[0] > how.iou_threshold
        candidates = candidates[~covered]
    return np.array(kept, np.intp)
