"""Where a picture lies in a model's input: the geometry that preparing and answering share."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from convert.preprocessing import Preprocessing, Size

_ROUNDINGS: dict[str, Callable[[float], int]] = {
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
}


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle of whole pixels."""

    top: int
    left: int
    height: int
    width: int

    @property
    def size(self) -> Size:
        """Height and width."""
        return self.height, self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """What indexes the rectangle out of an array [H, W, ...]."""
        rows = slice(self.top, self.top + self.height)
        return rows, slice(self.left, self.left + self.width)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which part of a picture lies where in an input."""

    picture: Size
    """The picture's own size."""
    part: Box
    """The part of the picture that is used: all of it, unless it is cropped."""
    input: Size
    """The input's size."""
    content: Box
    """Where the part lies in the input; the rest is padding."""

    def content_on(self, size: Size) -> Box:
        """The content's place on a map that covers the input at another size."""
        down, across = (new / old for new, old in zip(size, self.input, strict=True))
        box = self.content
        top, left = round(box.top * down), round(box.left * across)
        bottom, right = round((box.top + box.height) * down), round((box.left + box.width) * across)
        return Box(top=top, left=left, height=max(1, bottom - top), width=max(1, right - left))


def place(picture: Size, pre: Preprocessing) -> Placement:
    """Where a picture of a size goes."""
    part = _central_square(picture, pre.crop_fraction) if pre.resize == "crop" else _all_of(picture)
    if pre.resize in ("stretch", "crop"):
        content = _all_of(pre.size)
    else:
        content = _anchored(_fitted(picture, pre), pre)
    return Placement(picture=picture, part=part, input=pre.size, content=content)


def _all_of(size: Size) -> Box:
    return Box(top=0, left=0, height=size[0], width=size[1])


def _central_square(picture: Size, fraction: float) -> Box:
    side = max(1, round(min(picture) * fraction))
    top, left = ((length - side) // 2 for length in picture)
    return Box(top=top, left=left, height=side, width=side)


def _fitted(picture: Size, pre: Preprocessing) -> Size:
    """The picture's size once it fits into the input, its aspect ratio kept."""
    (height, width), (most_height, most_width) = picture, pre.size
    if pre.resize == "shrink" and height <= most_height and width <= most_width:
        return picture
    rounded = _ROUNDINGS[pre.rounding]
    # Products of whole numbers are exact, so only the division rounds, as TensorFlow's does.
    if width * most_height <= height * most_width:
        return most_height, max(1, rounded(width * most_height / height))
    return max(1, rounded(height * most_width / width)), most_width


def _anchored(size: Size, pre: Preprocessing) -> Box:
    spare = [whole - part for whole, part in zip(pre.size, size, strict=True)]
    top, left = (s // 2 for s in spare) if pre.anchor == "center" else (0, 0)
    return Box(top=top, left=left, height=size[0], width=size[1])
