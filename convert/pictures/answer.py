"""Bring a model's output back to the picture: labels of its pixels, or scores of its classes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import UnsupportedError, UsageError
from convert.pictures.placement import Box, Placement
from convert.pictures.resample import resample
from convert.preprocessing import Postprocessing, Size

Floats = NDArray[np.float32]
Prediction = NDArray[Any]
"""Labels [H, W] (uint8, int32 from 256 classes on), probabilities [H, W, C] or scores [C]."""

_SCORES_RANK, _MAP_RANK = 2, 4


def answer(output: Floats, post: Postprocessing, placement: Placement) -> Prediction:
    """What the model says of a picture, from its output: a map [1, h, w, C] or scores [1, C].

    A map becomes labels (decode argmax; the lowest of equals wins) or values [H, W, C] of the
    picture's own size, scores become scores [C]. Raises UsageError where the postprocessing
    leaves another size, or labels where scores are needed, and UnsupportedError where the output
    is neither.
    """
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
        values = values[_scaled(placement, (values.shape[0], values.shape[1])).slices]
    decoded = _DECODERS[post.decode](values)
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
    return _DECODERS[post.decode](scores)


def _argmax(values: Prediction) -> Prediction:
    """Labels, small enough for uint8 with void left free, or int32."""
    small = values.shape[-1] <= np.iinfo(np.uint8).max
    labels: NDArray[np.intp] = values.argmax(axis=-1)
    return labels.astype(np.uint8 if small else np.int32)


def _softmax(values: Prediction) -> Prediction:
    """Probabilities over the last axis; its largest value is taken off first, against overflow."""
    powers: Prediction = np.exp(values - values.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _sigmoid(values: Prediction) -> Prediction:
    """A probability for each value; by tanh, which does not overflow."""
    half = np.float32(0.5)
    probabilities: Prediction = half * np.tanh(half * values) + half
    return probabilities


def _as_it_is(values: Prediction) -> Prediction:
    return values


_DECODERS: dict[str, Callable[[Prediction], Prediction]] = {
    "argmax": _argmax,
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "none": _as_it_is,
}


def _scaled(placement: Placement, size: Size) -> Box:
    """The content's place on a map that covers the input at another size."""
    down, across = (new / old for new, old in zip(size, placement.input, strict=True))
    box = placement.content
    top, left = round(box.top * down), round(box.left * across)
    bottom, right = round((box.top + box.height) * down), round((box.left + box.width) * across)
    return Box(top=top, left=left, height=max(1, bottom - top), width=max(1, right - left))


def _of_size(decoded: Prediction, picture: Size) -> Prediction:
    """The same, if it has the picture's size."""
    size = decoded.shape[:2]
    if size != picture:
        raise UsageError(
            f"the answer is {size[0]}x{size[1]} pixels, the picture {picture[0]}x{picture[1]}",
            hint="Give postprocessing.restore (and unpad, if the picture is letterboxed).",
        )
    return decoded
