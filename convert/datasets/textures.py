"""Grey textures that the drawn scenes are painted with, each from a seeded generator."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Texture = Callable[[np.random.Generator, int, int], Floats]


def between(generator: np.random.Generator, low: float, high: float) -> float:
    """A float in [low, high), by `random`: the one stream that numpy keeps between versions."""
    return low + (high - low) * generator.random()


def noise(generator: np.random.Generator, height: int, width: int) -> Floats:
    """Three octaves of smooth noise, float32 [height, width] in 0..1."""
    cell = between(generator, 12, 40)
    octaves = [_lattice(generator, height, width, cell / 2**octave) for octave in range(3)]
    total = octaves[0] + octaves[1] / 2 + octaves[2] / 4
    return _stretched(total)


def stripes(generator: np.random.Generator, height: int, width: int) -> Floats:
    """Parallel stripes, soft to hard, float32 [height, width] in 0..1."""
    along, _ = _turned_grid(generator, height, width)
    wave = np.sin(along * np.float32(2 * np.pi / between(generator, 6, 28)))
    hardness = np.float32(between(generator, 0.6, 4))
    return np.asarray(np.clip(wave * hardness, -1, 1) / 2 + 0.5, np.float32)


def checkers(generator: np.random.Generator, height: int, width: int) -> Floats:
    """A turned checkerboard, float32 [height, width] of 0 and 1."""
    along, across = _turned_grid(generator, height, width)
    cell = np.float32(between(generator, 5, 22))
    return np.asarray((np.floor(along / cell) + np.floor(across / cell)) % 2, np.float32)


def gradient(generator: np.random.Generator, height: int, width: int) -> Floats:
    """A ramp or a round glow, float32 [height, width] in 0..1."""
    along, across = _turned_grid(generator, height, width)
    ramp = np.hypot(along, across) if generator.random() < 0.5 else along
    return _stretched(ramp)


TEXTURES: tuple[Texture, ...] = (noise, stripes, checkers, gradient)
"""The texture families, drawn from with equal odds."""


def any_texture(generator: np.random.Generator, height: int, width: int) -> Floats:
    """A texture of a family drawn by the generator, float32 [height, width] in 0..1."""
    return TEXTURES[int(generator.random() * len(TEXTURES))](generator, height, width)


def _stretched(values: Floats) -> Floats:
    """Values shifted and scaled to 0..1."""
    low, high = values.min(), values.max()
    return np.asarray((values - low) / (high - low + 1e-6), np.float32)


def _turned_grid(generator: np.random.Generator, height: int, width: int) -> tuple[Floats, Floats]:
    """Coordinates in pixels along and across a drawn direction, from a drawn origin."""
    angle = between(generator, 0, 2 * np.pi)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(height * generator.random())
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32(width * generator.random())
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def _lattice(generator: np.random.Generator, height: int, width: int, cell: float) -> Floats:
    """Random values every `cell` pixels, bilinear between them, float32 [height, width]."""
    rows, columns = _hats(height, cell), _hats(width, cell)
    values = generator.random((rows.shape[1], columns.shape[1])).astype(np.float32)
    return np.asarray(rows @ values @ columns.T, np.float32)


def _hats(size: int, cell: float) -> Floats:
    """Weights of the knots every `cell` pixels for each pixel, float32 [size, knots]."""
    positions = np.arange(size, dtype=np.float32) / np.float32(cell)
    knots = np.arange(int(np.ceil(positions[-1])) + 1, dtype=np.float32)
    return np.maximum(0, 1 - np.abs(positions[:, None] - knots[None, :]))
