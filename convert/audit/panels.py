"""Pictures of what models answer, for a page: small, and as text that a page can hold."""

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
_FULL = 255


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


def amplified(one: Pixels, other: Pixels) -> tuple[int, Pixels]:
    """How far two pictures are apart, times a power of two that makes it seen; that factor too."""
    apart = np.abs(one.astype(np.int16) - other)
    # Of the far end, so that one stray pixel does not leave the rest black.
    far = max(1.0, float(np.percentile(apart, 99)))
    times = 2 ** max(0, int(np.log2(_FULL / far)))
    return times, np.minimum(apart * times, _FULL).astype(np.uint8)


def shrunk(image: Pixels) -> tuple[Any, float]:
    """A picture [H, W, 3] as Pillow's, no larger than a panel, and what its sides were times."""
    from PIL import Image

    made = Image.fromarray(image)
    made.thumbnail((_WIDEST, _WIDEST))
    return made, made.width / image.shape[1]


def data_uri(image: Pixels) -> str:
    """A picture [H, W, 3] as a small WebP, in a data: URI."""
    made, _ = shrunk(image)
    buffer = io.BytesIO()
    made.save(buffer, "WEBP", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
