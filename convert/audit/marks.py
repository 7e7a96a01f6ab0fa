"""Boxes and points drawn on a picture, at the size that a page shows it in."""

import colorsys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.audit.panels import Labels, Pixels, shrunk
from convert.pictures.overlap import ious

_CLASS, _BOX, _KEYPOINTS = 0, slice(2, 6), slice(6, None)
_THERE = 0.5
"""The least IoU at which a box is another's."""
_RED, _BLUE = (255, 45, 85), (64, 156, 255)
_POINT = (57, 255, 20)
_DARK = 0.45
_GOLDEN = 0.618034
"""Of a turn, between the hues of a class and the next."""
_TRUE_COLUMNS = 6


def colours(classes: int = 256) -> Pixels:
    """The colour of each class [classes, 3]: bright, and neighbours far apart."""
    hues = [(number * _GOLDEN) % 1 for number in range(classes)]
    bright = [colorsys.hsv_to_rgb(hue, 0.85, 1) for hue in hues]
    return np.array(np.rint(255 * np.array(bright)), np.uint8)


def alone(boxes: Labels, others: Labels) -> Labels:
    """Those of the boxes [N, 6 or more] for which none of their class lies among the others."""
    if not len(boxes) or not len(others):
        return boxes
    overlaps = ious(boxes[:, _BOX], others[:, _BOX])
    overlaps[boxes[:, [_CLASS]] != others[:, _CLASS]] = 0
    left: Labels = boxes[overlaps.max(axis=1) < _THERE]
    return left


def boxed(image: Pixels, boxes: Labels) -> Pixels:
    """The picture with each box [N, 6 or more] in its class's colour, and its key points."""
    own = colours()
    return _drawn(image, [(box, tuple(own[int(box[_CLASS]) % len(own)])) for box in boxes])


def two(image: Pixels, red: Labels, blue: Labels) -> Pixels:
    """The darkened picture with boxes in two colours."""
    marked = [*((box, _BLUE) for box in blue), *((box, _RED) for box in red)]
    return _drawn(_dark(image), marked)


def dotted(image: Pixels, points: Labels) -> Pixels:
    """The picture with points [P, 2 or more], x and y in its pixels."""
    made, scale = shrunk(image)
    _dots(_pen(made), points[:, :2] * scale, _POINT)
    return np.asarray(made)


def moved(image: Pixels, before: Labels, after: Labels) -> Pixels:
    """The darkened picture with points in blue, and in red where they came to lie."""
    made, scale = shrunk(_dark(image))
    pen, start, end = _pen(made), before[:, :2] * scale, after[:, :2] * scale
    for one, other in zip(start, end, strict=True):
        if np.isfinite((one, other)).all():
            pen.line([*map(float, one), *map(float, other)], fill=_RED, width=1)
    _dots(pen, start, _BLUE)
    _dots(pen, end, _RED)
    return np.asarray(made)


def _drawn(image: Pixels, marked: Iterable[tuple[NDArray[Any], tuple[int, ...]]]) -> Pixels:
    made, scale = shrunk(image)
    pen = _pen(made)
    for box, colour in marked:
        top, left, bottom, right = (float(side) * scale for side in box[_BOX])
        corners = (min(left, right), min(top, bottom), max(left, right), max(top, bottom))
        # A dark line within the coloured one shows it on any ground.
        pen.rectangle(corners, outline=(0, 0, 0), width=3)
        pen.rectangle(corners, outline=tuple(map(int, colour)), width=2)
        if len(box) > _TRUE_COLUMNS:
            _dots(pen, box[_KEYPOINTS].reshape(-1, 2)[:, ::-1] * scale, colour)
    return np.asarray(made)


def _dots(pen: Any, places: NDArray[Any], colour: tuple[int, ...]) -> None:
    for x, y in _finite(places):
        pen.ellipse((x - 1, y - 1, x + 1, y + 1), fill=tuple(map(int, colour)))


def _finite(places: NDArray[Any]) -> Iterator[tuple[float, float]]:
    for x, y in places[np.isfinite(places).all(axis=1)]:
        yield float(x), float(y)


def _dark(image: Pixels) -> Pixels:
    grey = np.repeat(image.mean(axis=-1, keepdims=True), 3, axis=-1) * _DARK
    return grey.astype(np.uint8)


def _pen(made: Any) -> Any:
    from PIL import ImageDraw

    return ImageDraw.Draw(made)
