"""Detections, from one output that holds decoded boxes and their scores.

The layouts are those of Ultralytics' exporters: [1, N, 5 + C] with an objectness (YOLOv5) and
[1, 4 + C, N] without (YOLOv8).
"""

from collections.abc import Mapping

import numpy as np

from convert.errors import UsageError
from convert.pictures.choose import Floats, choose
from convert.pictures.placement import Placement
from convert.pictures.projection import to_picture
from convert.pictures.suppress import suppress
from convert.preprocessing import MergedDecoding

_PLACE = "postprocessing.merged"
_RANK, _BOX = 3, 4


def merged(outputs: Mapping[str, Floats], how: MergedDecoding, placement: Placement) -> Floats:
    """Detections [D, 6], the best first: class, score, top, left, bottom, right in pixels.

    Places may lie outside of the picture. Raises UsageError where the output is none of rows of a
    box and scores.
    """
    rows = _rows(outputs, how)
    corners, scores = _corners(rows[:, :_BOX], how, placement), _scores(rows, how)
    chosen, classes = suppress(corners, scores, how)
    pixels = corners[chosen].reshape(-1, 2, 2) * np.array(placement.input, np.float32)
    on_picture = to_picture(pixels, placement).reshape(len(chosen), _BOX)
    found = np.column_stack([classes, scores[chosen, classes], on_picture])
    return found.astype(np.float32)


def _rows(outputs: Mapping[str, Floats], how: MergedDecoding) -> Floats:
    """[N, D]."""
    output = choose(outputs, how.output, f"{_PLACE}.output")
    least = _BOX + how.objectness + 1
    length = output.shape[1 if how.transposed else -1]
    if output.ndim != _RANK or length < least:
        raise UsageError(
            f"the output has shape {output.shape}, and a box with its scores has {least} numbers "
            "or more",
            hint=f"Look over {_PLACE}.transposed, and which output it is.",
        )
    rows: Floats = output[0].T if how.transposed else output[0]
    return rows


def _corners(box: Floats, how: MergedDecoding, placement: Placement) -> Floats:
    """Top, left, bottom and right [N, 4], in parts of the input."""
    first, second = box[:, 1::-1], box[:, :1:-1]  # y and x, then height and width
    if how.box == "xywh":
        first, second = first - second / 2, first + second / 2
    found: Floats = np.concatenate([first, second], axis=1)
    sides = np.array(placement.input, np.float32)
    return found / np.tile(sides, 2) if how.units == "pixels" else found


def _scores(rows: Floats, how: MergedDecoding) -> Floats:
    """[N, C]."""
    if how.objectness:
        return rows[:, _BOX + 1 :] * rows[:, [_BOX]]
    return rows[:, _BOX:]
