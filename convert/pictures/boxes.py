"""Detections, from a detector's raw boxes and scores.

Decoding follows MediaPipe's TensorsToDetectionsCalculator, which with exponential sizes is also
what TFLite_Detection_PostProcess does (Ren et al., "Faster R-CNN", 2015, section 3.1.2).
"""

from collections.abc import Mapping

import numpy as np

from convert.errors import UsageError
from convert.pictures.anchors import anchors
from convert.pictures.choose import Floats, choose
from convert.pictures.decode import DECODERS
from convert.pictures.placement import Placement
from convert.pictures.projection import to_picture
from convert.pictures.suppress import suppress
from convert.preprocessing import BoxDecoding

_PLACE = "postprocessing.boxes"


def boxes(outputs: Mapping[str, Floats], how: BoxDecoding, placement: Placement) -> Floats:
    """Detections [D, 6 + 2 * keypoints], the best first.

    Columns are class (a column of the scores), score, top, left, bottom, right, then y and x of
    each key point; places are in the picture's pixels and may lie outside of it. Raises UsageError
    where the outputs are not those of the anchors.
    """
    raw, scores = _checked(outputs, how)
    places, scores = decoded_boxes(raw, how), _probabilities(scores, how)
    first = 1 if how.background else 0
    chosen, classes = suppress(places[:, :2].reshape(-1, 4), scores, how, first=first)
    pixels = places[chosen] * np.array(placement.input, np.float32)
    on_picture = to_picture(pixels, placement).reshape(len(chosen), 4 + 2 * how.keypoints)
    found = np.column_stack([classes, scores[chosen, classes], on_picture])
    return found.astype(np.float32)


def _checked(outputs: Mapping[str, Floats], how: BoxDecoding) -> tuple[Floats, Floats]:
    """Raw boxes [N, 4 + 2 * keypoints] and scores [N, C]."""
    raw = choose(outputs, how.boxes, f"{_PLACE}.boxes")
    scores = choose(outputs, how.scores, f"{_PLACE}.scores")
    count, numbers = len(anchors(how.anchors)), 4 + 2 * how.keypoints
    if raw.shape != (1, count, numbers):
        raise UsageError(
            f"{how.boxes} has shape {raw.shape}, and the recipe's anchors and key points make "
            f"[1, {count}, {numbers}]",
            hint=f"Look over {_PLACE}.anchors and keypoints in the recipe.",
        )
    if scores.ndim != 3 or scores.shape[:2] != (1, count):
        raise UsageError(
            f"{how.scores} has shape {scores.shape}, not [1, {count}, classes]",
            hint=f"Set {_PLACE}.scores to the output with a score for each anchor.",
        )
    return raw[0], scores[0]


def decoded_boxes(raw: Floats, how: BoxDecoding) -> Floats:
    """Corners and key points [N, 2 + keypoints, (y, x)] of raw boxes, in parts of the input."""
    scaled = raw.reshape(len(raw), -1, 2)
    if how.order == "xywh":
        scaled = scaled[..., ::-1]
    centre_scale, size_scale = _scales(how)
    grid = anchors(how.anchors)
    centres, sides = grid[:, np.newaxis, :2], grid[:, np.newaxis, 2:]
    size = scaled[:, 1:2] / size_scale
    half = (np.exp(size) if how.size_coding == "exponential" else size) * sides / 2
    moved = np.delete(scaled, 1, axis=1) / centre_scale * sides + centres
    centre = moved[:, :1]
    return np.concatenate([centre - half, centre + half, moved[:, 1:]], axis=1)


def _scales(how: BoxDecoding) -> tuple[Floats, Floats]:
    """What centres and key points, and what sizes are divided by: y and x each."""
    pairs = np.array(how.scale, np.float32).reshape(2, 2)
    centre, size = pairs[:, ::-1] if how.order == "xywh" else pairs
    return centre, size


def _probabilities(scores: Floats, how: BoxDecoding) -> Floats:
    if how.activation == "none":
        return scores
    clipped = np.clip(scores, -how.score_clipping, how.score_clipping)
    return DECODERS[how.activation](clipped)
