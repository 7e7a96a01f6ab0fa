"""Drawn scenes with exact masks: turned, overlapping, textured shapes on textured ground.

The same seed gives the same scene everywhere: every choice comes from `Generator.random` of PCG64.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import VOID
from convert.datasets.outlines import OUTLINES
from convert.datasets.textures import Floats, any_texture, between

CLASSES: tuple[str, ...] = ("background", *OUTLINES)
"""Class names by label: 0 is the ground, 1 to 5 the shapes."""

TRAINING = range(1_000_000)
"""Seeds a model may be trained or chosen on; no split holds any of them."""

SPLITS: dict[str, range] = {
    "calibration": range(1_000_000, 1_000_050),
    "val": range(2_000_000, 2_000_100),
}
"""Seeds of the scenes that no model was trained or chosen on."""

_SIDES = (120, 201)
_SAMPLES = 3
_SHAPES = (2, 7)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A picture and its truth."""

    seed: int
    """What it was drawn from."""
    image: NDArray[np.uint8]
    """RGB, [height, width, 3]."""
    mask: NDArray[np.uint8]
    """Labels of `CLASSES`, or `VOID`, [height, width]."""


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """A shape's place, in pixels and radians."""

    label: int
    x: float
    y: float
    radius: float
    angle: float


def draw_scene(seed: int, height: int | None = None, width: int | None = None) -> Scene:
    """Draw the scene of a seed; a side that is not given is drawn too, from 120 to 200 pixels."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn_height, drawn_width = (int(between(generator, *_SIDES)) for _ in range(2))
    height, width = height or drawn_height, width or drawn_width
    image = _paint(generator, _any_colour(generator), height, width)
    labels = np.zeros((height, width), np.uint8)
    for shape in _place_shapes(generator, height, width):
        _draw(generator, shape, image, labels)
    image += (generator.random(image.shape, dtype=np.float32) - 0.5) * between(generator, 0, 24)
    return Scene(seed=seed, image=_to_uint8(image), mask=_with_void(labels))


def _place_shapes(generator: np.random.Generator, height: int, width: int) -> list[_Shape]:
    """Shapes of drawn class, size and turn, each at the roomiest of three drawn places."""
    shapes: list[_Shape] = []
    for _ in range(int(between(generator, *_SHAPES))):
        tries = [_any_shape(generator, height, width) for _ in range(3)]
        shapes.append(max(tries, key=lambda shape: _room(shape, shapes)))
    return shapes


def _any_shape(generator: np.random.Generator, height: int, width: int) -> _Shape:
    """A shape whose centre lies in the picture and whose radius suits the shorter side."""
    return _Shape(
        label=1 + int(between(generator, 0, len(OUTLINES))),
        x=between(generator, 0.08, 0.92) * width,
        y=between(generator, 0.08, 0.92) * height,
        radius=between(generator, 0.13, 0.34) * min(height, width),
        angle=between(generator, 0, 2 * np.pi),
    )


def _room(shape: _Shape, others: list[_Shape]) -> float:
    """Pixels between a shape's circle and the nearest other's, negative where they overlap."""
    gaps = (
        float(np.hypot(shape.x - other.x, shape.y - other.y)) - shape.radius - other.radius
        for other in others
    )
    return min(gaps, default=0.0)


def _draw(
    generator: np.random.Generator, shape: _Shape, image: Floats, labels: NDArray[np.uint8]
) -> None:
    """Paint a shape over the picture and its label over the labels, in place."""
    height, width = labels.shape
    rows, columns = _span(shape.y, shape.radius, height), _span(shape.x, shape.radius, width)
    ground = image[rows, columns]
    inside = _sample(shape, rows, columns)
    cover = inside.mean(axis=(1, 3), dtype=np.float32)[..., None]
    base = _colour_against(generator, ground.mean(axis=(0, 1)))
    ground += cover * (_paint(generator, base, *ground.shape[:2]) - ground)
    middle = _SAMPLES // 2
    labels[rows, columns][inside[:, middle, :, middle]] = shape.label


def _span(centre: float, radius: float, size: int) -> slice:
    """The pixels of one axis that a shape may touch."""
    return slice(max(0, int(centre - 1.1 * radius) - 1), min(size, int(centre + 1.1 * radius) + 3))


def _sample(shape: _Shape, rows: slice, columns: slice) -> NDArray[np.bool_]:
    """Whether each sample of each pixel lies in a shape, [rows, samples, columns, samples]."""
    y, x = _samples(rows, shape.y)[:, None], _samples(columns, shape.x)[None, :]
    cos, sin = np.float32(np.cos(shape.angle)), np.float32(np.sin(shape.angle))
    scale = np.float32(1 / shape.radius)
    outline = OUTLINES[CLASSES[shape.label]]
    inside = outline((cos * x + sin * y) * scale, (cos * y - sin * x) * scale)
    return inside.reshape(rows.stop - rows.start, _SAMPLES, columns.stop - columns.start, _SAMPLES)


def _samples(pixels: slice, centre: float) -> Floats:
    """Sample places of an axis relative to a centre; the middle sample is the pixel's centre."""
    steps = np.arange(pixels.start * _SAMPLES, pixels.stop * _SAMPLES, dtype=np.float32)
    return (steps + np.float32(0.5)) / np.float32(_SAMPLES) - np.float32(centre)


def _paint(generator: np.random.Generator, base: Floats, height: int, width: int) -> Floats:
    """A textured, shaded surface around a colour, float32 [height, width, 3] in 0..255."""
    texture = any_texture(generator, height, width) - np.float32(0.5)
    accent = np.array([between(generator, -110, 110) for _ in range(3)], np.float32)
    light = np.linspace(-1, 1, width, dtype=np.float32) * np.float32(between(generator, -25, 25))
    surface = base + texture[..., None] * accent + light[None, :, None]
    return np.asarray(np.clip(surface, 0, 255), np.float32)


def _any_colour(generator: np.random.Generator) -> Floats:
    """A colour, float32 [3] in 20..235."""
    return np.array([between(generator, 20, 235) for _ in range(3)], np.float32)


def _colour_against(generator: np.random.Generator, ground: Floats) -> Floats:
    """The one of three drawn colours that lies farthest from the ground's."""
    tries = [_any_colour(generator) for _ in range(3)]
    return max(tries, key=lambda colour: float(np.abs(colour - ground).sum()))


def _to_uint8(image: Floats) -> NDArray[np.uint8]:
    """Levels rounded and clipped to 0..255."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def _with_void(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The labels with void on both sides of every border, two pixels in all."""
    mask = labels.copy()
    down, right = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    mask[1:][down] = mask[:-1][down] = VOID
    mask[:, 1:][right] = mask[:, :-1][right] = VOID
    return mask
