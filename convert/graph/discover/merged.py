"""Outputs that hold a detector's boxes and their scores in one, as YOLO's exporters write them.

Whether boxes are decoded is seen by running the graph: then their centres cover the picture, row
by row, whatever it shows, and scores are of 0 to 1.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.anatomy import Back, Front, Shape
from convert.graph.discover.answering import fed
from convert.graph.discover.evidence import natural
from convert.graph.discover.probe import Probe
from convert.graph.discover.several import Answer
from convert.preprocessing import MergedDecoding, Postprocessing, Size

_RANK, _BOX, _LEAST_ROWS = 3, 4, 16
_OVER = 1.5
"""Boxes may reach beyond the picture, by so much."""
_COVERED = 0.5
"""The least part of the picture that the centres of a detector's boxes lie in."""
_STEADY = 0.25
"""How much a row's centre may change from picture to picture, in parts of how rows differ."""
_SCORE, _IOU, _MOST = 0.25, 0.45, 300
_ROUNDING = 1e-4
_SAYS = (
    "rows of a box and its scores: detection; what suppresses overlapping boxes is not in the graph"
)

Rows = NDArray[np.float64]
"""[K, N, D]: of K pictures."""


@dataclass(frozen=True, kw_only=True)
class _Coding:
    box: Literal["xywh", "xyxy"]
    units: Literal["pixels", "fractions"]


def find_merged(
    probe: Probe, front: Front, back: Back, output: Shape | None
) -> tuple[Answer, Back] | None:
    """The answer of a core that gives `output` [1, N, D] or [1, D, N] of decoded boxes.

    None where it is not shown that they are.
    """
    if output is None or len(output) != _RANK or None in output or output[0] != 1:
        return None
    high, wide = (int(length or 0) for length in output[1:])
    transposed = wide > high
    count, depth = (wide, high) if transposed else (high, wide)
    if count < _LEAST_ROWS or depth <= _BOX:
        return None
    rows = _seen(probe, front, back.start, transposed=transposed)
    coding = _coding(rows, front.preprocessing.size) if rows is not None else None
    return _answer(back, coding, depth, transposed=transposed) if coding else None


def _seen(probe: Probe, front: Front, name: str, *, transposed: bool) -> Rows | None:
    """What the graph says of made-up pictures."""
    size = probe.allowed(front.preprocessing.size)
    arrays = [probe.run(fed(image, front), [name]) for image in natural(size)]
    found = [array[0][0] for array in arrays if array is not None]
    if not found:
        return None
    stacked: Rows = np.stack(found).astype(np.float64)
    return np.asarray(np.swapaxes(stacked, 1, 2) if transposed else stacked)


def _coding(rows: Rows, size: Size) -> _Coding | None:
    """How decoded boxes are written; None where they are not decoded."""
    box, scores = rows[..., :_BOX], rows[..., _BOX:]
    if not np.isfinite(rows).all() or scores.min() < -_ROUNDING or scores.max() > 1 + _ROUNDING:
        return None
    fractions = bool(np.abs(box).max() <= _OVER)
    sides = np.array((1, 1) if fractions else size[::-1], np.float64)
    corners = bool((box[..., 2:] > box[..., :2]).all())
    centres = (box[..., :2] + box[..., 2:]) / 2 if corners else box[..., :2]
    if (box[..., 2:] <= 0).any() or (np.abs(box) > _OVER * np.tile(sides, 2)).any():
        return None
    if not _are_places(centres, sides):
        return None
    return _Coding(box="xyxy" if corners else "xywh", units="fractions" if fractions else "pixels")


def _are_places(centres: Rows, sides: NDArray[np.float64]) -> bool:
    """Whether centres [K, N, (x, y)] cover the picture, each in its own place, x running first."""
    means = centres.mean(axis=0)
    covers = bool((np.ptp(means, axis=0) >= _COVERED * sides).all())
    steady = bool((centres.std(axis=0).mean(axis=0) <= _STEADY * means.std(axis=0)).all())
    across, down = np.abs(np.diff(means / sides, axis=0)).mean(axis=0)
    return covers and steady and bool(across > down)


def _answer(back: Back, coding: _Coding, depth: int, *, transposed: bool) -> tuple[Answer, Back]:
    objectness = not transposed and depth > _BOX + 1
    how = MergedDecoding(
        transposed=transposed,
        box=coding.box,
        units=coding.units,
        objectness=objectness,
        score_threshold=_SCORE,
        iou_threshold=_IOU,
        max_detections=_MOST,
    )
    classes = depth - _BOX - objectness
    answer = Answer(
        task="detection", ends={"rows": back.start}, classes=classes, columns=0, says=_SAYS
    )
    fields: dict[str, Any] = {
        "postprocessing": Postprocessing(merged=how),
        "guesses": (*back.guesses, *_guesses(how, depth, classes)),
    }
    return answer, back.model_copy(update=fields)


def _guesses(how: MergedDecoding, depth: int, classes: int) -> tuple[str, ...]:
    which = "an objectness and " if how.objectness else ""
    return (
        f"{depth} values to a box are 4 of the box, {which}{classes} of classes: that is a guess, "
        "by the order of the axes in which YOLO's exporters write them",
        f"that boxes are {how.box} in {how.units} of the input is how made-up pictures come out",
        "the thresholds of score and overlap are the usual ones, a guess",
    )
