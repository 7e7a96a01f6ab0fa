"""What is done over the last axis of a model's output: labels, probabilities, or nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]


def argmax(values: Values) -> Values:
    """Labels, small enough for uint8 with void left free, or int32; the lowest of equals wins."""
    small = values.shape[-1] <= np.iinfo(np.uint8).max
    labels: NDArray[np.intp] = values.argmax(axis=-1)
    return labels.astype(np.uint8 if small else np.int32)


def softmax(values: Values) -> Values:
    """Probabilities over the last axis; its largest value is taken off first, against overflow."""
    powers: Values = np.exp(values - values.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def sigmoid(values: Values) -> Values:
    """A probability for each value; by tanh, which does not overflow."""
    half = np.float32(0.5)
    probabilities: Values = half * np.tanh(half * values) + half
    return probabilities


def _as_it_is(values: Values) -> Values:
    return values


DECODERS: dict[str, Callable[[Values], Values]] = {
    "argmax": argmax,
    "softmax": softmax,
    "sigmoid": sigmoid,
    "none": _as_it_is,
}
