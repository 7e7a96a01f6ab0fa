"""The decided codes of a file's weights, found by what the weights are."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.quantization import Kernel

Codes = tuple[NDArray[np.int8], NDArray[np.float32]]
"""In the file's layout, and the scales along its axis of output channels."""

_LARGEST = 127

_NOTHING = 1e-30
"""Weights as small as this are 0 to a converter, and denormal."""


def _conv(codes: NDArray[np.int8]) -> NDArray[np.int8]:
    return codes.transpose(3, 0, 1, 2)


def _depthwise(codes: NDArray[np.int8]) -> NDArray[np.int8]:
    height, width, channels, times = codes.shape
    return codes.reshape(1, height, width, channels * times)


def _turned(codes: NDArray[np.int8]) -> NDArray[np.int8]:
    return codes.transpose(2, 0, 1, 3)


def _product(codes: NDArray[np.int8]) -> NDArray[np.int8]:
    return codes.T


_LAYOUTS: dict[str, Callable[[NDArray[np.int8]], NDArray[np.int8]]] = {
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
    "TRANSPOSE_CONV": _turned,
    "FULLY_CONNECTED": _product,
}
"""From TensorFlow's layout to the file's, by the operator that reads the weights."""

RANKS = {"CONV_2D": 4, "DEPTHWISE_CONV_2D": 4, "TRANSPOSE_CONV": 4, "FULLY_CONNECTED": 2}


class Kernels:
    """The decided kernels, to be asked for by float weights."""

    def __init__(self, kernels: Iterable[Kernel]) -> None:
        self._kernels = list(kernels)
        self.rounded = 0
        """How many weights were in no decision and have been rounded to the nearest code."""

    def find(self, kind: str, weights: NDArray[Any], axis: int) -> Codes:
        """Codes and scales of `weights` (in the file's layout), per place of `axis`.

        A converter may have folded a factor per channel into the weights: the codes are the same,
        and the factor is in the scales.
        """
        for kernel in self._kernels:
            if kernel.codes.ndim != RANKS[kind] or kernel.codes.size != weights.size:
                continue
            codes = _LAYOUTS[kind](kernel.codes)
            scales = _scales(codes, weights, axis)
            if scales is None:
                continue
            untouched = scales.shape == kernel.scales.shape and np.allclose(
                scales, kernel.scales, rtol=1e-5, atol=0
            )
            return np.ascontiguousarray(codes), kernel.scales if untouched else scales
        self.rounded += 1
        return nearest(weights, axis)


def _scales(codes: NDArray[np.int8], weights: NDArray[Any], axis: int) -> Any:
    """The scales with which the codes are the weights, or None where there are none."""
    if codes.shape != weights.shape:
        return None
    steps, values = (_rows(array, axis) for array in (codes, weights))
    squares = np.maximum((steps * steps).sum(axis=1), 1)
    scales = (steps * values).sum(axis=1) / squares
    apart = np.abs(values - steps * scales[:, None]).max(axis=1)
    largest = np.abs(values).max(axis=1)
    fits = (apart <= 1e-5 * largest + _NOTHING).all()
    return scales.astype(np.float32) if fits else None


def nearest(weights: NDArray[Any], axis: int) -> Codes:
    """The nearest codes, the largest weight of each channel at 127."""
    largest = np.abs(_rows(weights, axis)).max(axis=1)
    scales = (largest / _LARGEST).astype(np.float32)
    return recoded(weights, scales, axis), scales


def recoded(weights: NDArray[Any], scales: NDArray[np.float32], axis: int) -> NDArray[np.int8]:
    """The nearest codes with given scales; 0 where a scale is 0."""
    shape = [-1 if place == axis % weights.ndim else 1 for place in range(weights.ndim)]
    divided = weights / np.where(scales > 0, scales, 1).reshape(shape)
    codes: NDArray[np.int8] = np.clip(np.rint(divided), -_LARGEST, _LARGEST).astype(np.int8)
    return codes


def _rows(array: NDArray[Any], axis: int) -> NDArray[np.float64]:
    moved = np.moveaxis(array, axis, 0)
    return moved.reshape(len(moved), -1).astype(np.float64)
