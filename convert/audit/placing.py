"""Where a chart's labels go, so that none lies on another."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_OFFSETS = (-9, 15, -22, 28, -35, 41)
"""Pixels below the mark that a label is tried at."""
_LETTER, _LINE = 6.0, 12.0
"""Pixels that a letter is wide and a line is high."""

Box = tuple[float, float, float, float]
"""Left, right, top and bottom, in pixels."""


def placed(
    values: Sequence[Mapping[str, Any]],
    *,
    keys: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    size: tuple[int, int],
    logs: tuple[bool, bool],
) -> Iterator[dict[str, Any]]:
    """The values with `dy` and `align` for the label `variant` of each.

    `keys` are the values' x and y, `ranges` the least and most of each axis, `size` the chart's
    width and height in pixels, `logs` whether an axis is logarithmic.
    """
    taken: list[Box] = []
    for value in values:
        x, y = (
            _along(value[key], *span, log=log) * length
            for key, span, log, length in zip(keys, ranges, logs, size, strict=True)
        )
        align = "right" if x > size[0] * 0.66 else "left"
        boxes = {dy: _box(x, size[1] - y + dy, align, value["variant"]) for dy in _OFFSETS}
        free = [dy for dy, box in boxes.items() if not any(_meet(box, other) for other in taken)]
        chosen = (free or list(_OFFSETS))[0]
        taken.append(boxes[chosen])
        yield {**value, "dy": chosen, "align": align}


def _along(value: float, least: float, most: float, *, log: bool) -> float:
    """Which part of an axis lies before a value."""
    if log:
        value, least, most = map(math.log, (value, least, most))
    return (value - least) / ((most - least) or 1)


def _box(x: float, y: float, align: str, text: str) -> Box:
    width = _LETTER * len(text) + 8
    left = x - width if align == "right" else x
    return left, left + width, y - _LINE, y


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
