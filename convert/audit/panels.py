"""Pictures of label maps, for a page: small, and as text that a page can hold."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.vocabulary import VOID

Pixels = NDArray[np.uint8]
Labels = NDArray[Any]
_WIDEST = 260
"""Pixels of a panel's longer side."""
_OVER = 0.62
"""How much of a label's colour lies over the picture."""
_WRONG = (255, 45, 85)
_BITS = 8


def palette(labels: int = 256) -> Pixels:
    """PASCAL VOC's colours [labels, 3]: a label's bits, three at a time, from the top down."""
    numbers = np.arange(labels)
    colours = np.zeros((labels, 3), np.uint8)
    for bit in range(_BITS):
        for channel in range(3):
            colours[:, channel] |= (((numbers >> channel) & 1) << (_BITS - 1 - bit)).astype(
                np.uint8
            )
        numbers = numbers >> 3
    return colours


def over(image: Pixels, labels: Labels) -> Pixels:
    """The picture below the colours of its labels; label 0 and void leave it grey."""
    grey = np.repeat(image.mean(axis=-1, keepdims=True), 3, axis=-1)
    colours = palette(VOID + 1)[labels.astype(np.intp) % (VOID + 1)]
    shown = ((labels != 0) & (labels != VOID))[..., np.newaxis]
    mixed = np.where(shown, _OVER * colours + (1 - _OVER) * grey, grey)
    return mixed.astype(np.uint8)


def differing(image: Pixels, one: Labels, other: Labels, truth: Labels) -> Pixels:
    """Where two maps differ, in red over the darkened picture; void pixels do not count."""
    grey = np.repeat(image.mean(axis=-1, keepdims=True), 3, axis=-1) * 0.45
    where = ((one != other) & (truth != VOID))[..., np.newaxis]
    return np.where(where, np.array(_WRONG, np.uint8), grey).astype(np.uint8)


def data_uri(image: Pixels) -> str:
    """A picture [H, W, 3] as a small WebP, in a data: URI."""
    from PIL import Image

    made = Image.fromarray(image)
    made.thumbnail((_WIDEST, _WIDEST))
    buffer = io.BytesIO()
    made.save(buffer, "WEBP", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
