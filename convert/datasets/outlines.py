"""Outlines of the drawn classes, each a test of which points of the plane lie inside it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Outline = Callable[[Floats, Floats], Bools]


def disk(x: Floats, y: Floats) -> Bools:
    """Points of the disk of radius 0.85."""
    return x * x + y * y < 0.85**2


def square(x: Floats, y: Floats) -> Bools:
    """Points of the square whose corners lie at distance 1.06."""
    return np.maximum(np.abs(x), np.abs(y)) < 0.75


def triangle(x: Floats, y: Floats) -> Bools:
    """Points of the equilateral triangle whose corners lie at distance 1.1."""
    return np.maximum(np.float32(np.sqrt(0.75)) * np.abs(x) + 0.5 * y, -y) < 0.55


def star(x: Floats, y: Floats) -> Bools:
    """Points of the five-pointed star whose tips lie at distance 1.1, its notches at 0.5."""
    turn, half_turn = 2 * np.pi / 5, np.pi / 5
    angle = np.abs((np.arctan2(x, y) + half_turn) % turn - half_turn)
    radius = np.hypot(x, y)
    along, aside = radius * np.cos(angle), radius * np.sin(angle)
    notch_along, notch_aside = 0.5 * np.cos(half_turn), 0.5 * np.sin(half_turn)
    return np.asarray((along - 1.1) * notch_aside < aside * (notch_along - 1.1), np.bool_)


def cross(x: Floats, y: Floats) -> Bools:
    """Points of the plus sign whose arms reach to 1."""
    x, y = np.abs(x), np.abs(y)
    return (np.minimum(x, y) < 0.35) & (np.maximum(x, y) < 1.0)


OUTLINES: dict[str, Outline] = {
    "disk": disk,
    "square": square,
    "triangle": triangle,
    "star": star,
    "cross": cross,
}
"""Class name to outline, in the order of the labels 1, 2, …; every outline fits radius 1.1."""
