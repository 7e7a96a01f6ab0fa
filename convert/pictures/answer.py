"""Bring a model's outputs back to the picture: labels, scores, boxes, points or a picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import UnsupportedError, UsageError
from convert.pictures.boxes import boxes
from convert.pictures.decode import DECODERS
from convert.pictures.merged import merged
from convert.pictures.picture import picture
from convert.pictures.placement import Placement
from convert.pictures.points import points
from convert.pictures.resample import resample
from convert.preprocessing import Postprocessing, Size

Floats = NDArray[np.float32]
Prediction = NDArray[Any]
"""What a model says of a picture, one of

- labels [H, W] (uint8, int32 from 256 classes on) or values float32 [H, W, C],
- scores float32 [C],
- detections float32 [N, 6 or more], see `convert.pictures.boxes`,
- points float32 [P, D], see `convert.pictures.points`,
- a picture uint8 [H, W, 3],
- tensors float32 [K]: outputs, flattened, in the order of their names.
"""

_SCORES_RANK, _MAP_RANK = 2, 4


def answer(outputs: Mapping[str, Floats], post: Postprocessing, placement: Placement) -> Prediction:
    """What the model says of a picture, from its outputs by name.

    Raises UsageError where the postprocessing does not fit the outputs, and UnsupportedError where
    the only output is neither a map [1, h, w, C] nor scores [1, C].
    """
    if post.boxes:
        return boxes(outputs, post.boxes, placement)
    if post.merged:
        return merged(outputs, post.merged, placement)
    if post.points:
        return points(outputs, post.points, placement)
    if post.picture:
        return picture(outputs, post.picture, placement)
    if len(outputs) > 1 or post.tensors:
        return _tensors(outputs, post)
    (output,) = outputs.values()
    return _of_one(output, post, placement)


def _tensors(outputs: Mapping[str, Floats], post: Postprocessing) -> Floats:
    """All of them, flattened, in the order of their names."""
    if post not in (Postprocessing(), Postprocessing(tensors=True)):
        raise UsageError(
            f"postprocessing decodes one map, and the model has {len(outputs)} outputs",
            hint="Give postprocessing.boxes, merged, points or picture, or leave it empty.",
        )
    return np.concatenate([outputs[name].reshape(-1) for name in sorted(outputs)])


def _of_one(output: Floats, post: Postprocessing, placement: Placement) -> Prediction:
    """Labels (decode argmax) or values of the picture's own size, or scores."""
    if output.ndim == _SCORES_RANK:
        return _scores(output[0], post)
    if output.ndim != _MAP_RANK:
        raise UnsupportedError(
            f"the output has shape {output.shape}, neither [1, h, w, C] nor [1, C]",
            hint="Cut the graph where it gives one value per class: [cut] output in the recipe.",
        )
    return _of_map(output[0], post, placement)


def _of_map(values: Prediction, post: Postprocessing, placement: Placement) -> Prediction:
    """Upsample, decode, unpad and restore a map [h, w, C]."""
    if post.upsample:
        values = resample(values, post.upsample.size, post.upsample.resampling)
    if post.unpad:
        # Decoding looks at one pixel at a time, so what is cut off need not be decoded.
        values = values[placement.content_on((values.shape[0], values.shape[1])).slices]
    decoded = DECODERS[post.decode](values)
    if post.restore:
        decoded = resample(decoded, placement.picture, post.restore)
    return _of_size(decoded, placement.picture)


def _scores(scores: Prediction, post: Postprocessing) -> Prediction:
    """Decode scores [C]."""
    if post.decode == "argmax":
        raise UsageError(
            "postprocessing.decode is argmax, but the model gives one score per class",
            hint='Set decode = "softmax" or "none" in the recipe.',
        )
    return DECODERS[post.decode](scores)


def _of_size(decoded: Prediction, wanted: Size) -> Prediction:
    """The same, if it has the picture's size."""
    size = decoded.shape[:2]
    if size != wanted:
        raise UsageError(
            f"the answer is {size[0]}x{size[1]} pixels, the picture {wanted[0]}x{wanted[1]}",
            hint="Give postprocessing.restore (and unpad, if the picture is letterboxed).",
        )
    return decoded
