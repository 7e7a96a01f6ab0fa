"""The arithmetic on pixels so far: a gain and an offset per channel, and the channels' order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Triple = tuple[float, float, float]

_CHANNELS: Mapping[tuple[int, int, int], Literal["RGB", "BGR"]] = {
    (0, 1, 2): "RGB",
    (2, 1, 0): "BGR",
}
_TOLERANCE = 3e-7
"""Relative; two roundings to float32 stay below it."""


@dataclass(frozen=True, kw_only=True)
class Values:
    """A tensor on the road: value = gain * pixel[source] + offset, for each channel in order.

    `axes` names the tensor's axes, such as "NHWC" or "HWC".
    """

    axes: str
    gain: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    source: tuple[int, int, int] = (0, 1, 2)

    def spatial(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width of a tensor of these axes."""
        return shape[self.axes.index("H")], shape[self.axes.index("W")]

    def moved(self, gain: Triple, offset: Triple) -> "Values":
        """After `gain * value + offset`."""
        gains = [g * a for g, a in zip(gain, self.gain, strict=True)]
        offsets = [g * b + o for g, b, o in zip(gain, self.offset, offset, strict=True)]
        return replace(self, gain=_triple(gains), offset=_triple(offsets))

    def permuted(self, order: tuple[int, ...]) -> "Values":
        """After the channels were taken in another order."""
        gain, offset = (_triple([v[i] for i in order]) for v in (self.gain, self.offset))
        red, green, blue = (self.source[i] for i in order)
        return replace(self, gain=gain, offset=offset, source=(red, green, blue))

    def pixels(self, value: float) -> Triple:
        """The pixel values that a value of the tensor stands for, per channel in order."""
        found = [(value - b) / a for a, b in zip(self.gain, self.offset, strict=True)]
        return _triple([tidy(pixel) for pixel in found])

    @property
    def channels(self) -> Literal["RGB", "BGR"] | None:
        """The order of the channels; None where it is neither."""
        return _CHANNELS.get(self.source)

    @property
    def mean(self) -> Triple:
        """What is subtracted from the pixels: value = (pixel - mean) * scale."""
        found = [-b / a for a, b in zip(self.gain, self.offset, strict=True)]
        return _triple([tidy(mean) for mean in found])

    @property
    def scale(self) -> Triple:
        """What the pixels, less their mean, are multiplied by."""
        return _triple([_tidy_scale(gain) for gain in self.gain])


def per_channel(constant: Array, axes: str) -> Triple | None:
    """A constant operand as one value per channel; None where it varies over the picture."""
    if constant.ndim > len(axes) or constant.dtype.kind not in "fiu":
        return None
    full = constant.reshape((1,) * (len(axes) - constant.ndim) + constant.shape)
    lengths = dict(zip(axes, full.shape, strict=True))
    if lengths.pop("C") not in (1, 3) or any(length != 1 for length in lengths.values()):
        return None
    return _triple([float(v) for v in np.broadcast_to(full.ravel(), (3,))])


def fitted(before: Array, after: Array) -> tuple[tuple[int, ...], Triple, Triple] | None:
    """How pixels [P, 3] became [P, 3]: the channels' order, gain and offset; None if not so."""
    found = [_fitted_channel(before, channel) for channel in after.T]
    if any(fit is None for fit in found):
        return None
    order, gains, offsets = zip(*(fit for fit in found if fit), strict=True)
    return order, _triple(gains), _triple(offsets)


def _fitted_channel(before: Array, channel: Array) -> tuple[int, float, float] | None:
    for source, given in enumerate(before.T.astype(np.float64)):
        gain, offset = np.polyfit(given, channel.astype(np.float64), 1)
        wrong = np.abs(gain * given + offset - channel).max()
        if abs(gain) > 0 and wrong <= 1e-4 * abs(gain) * max(np.ptp(given), 1):
            return source, float(f"{gain:.6g}"), float(f"{offset:.6g}")
    return None


def tidy(value: float, zero: float = 1e-4) -> float:
    """The shortest decimal that float32 arithmetic may have meant by a value (below `zero`: 0)."""
    if abs(value) < zero:
        return 0.0
    for digits in range(1, 9):
        short = float(f"{value:.{digits}g}")
        if abs(short - value) <= _TOLERANCE * abs(value):
            return short
    return value


def _tidy_scale(gain: float) -> float:
    """1/127.5 rather than 0.0078431377, which is its float32."""
    short, inverse = tidy(gain, zero=0.0), tidy(1 / gain, zero=0.0)
    return short if len(repr(short)) <= len(repr(inverse)) else 1 / inverse


def _triple(values: Any) -> Triple:
    red, green, blue = values
    return red, green, blue
