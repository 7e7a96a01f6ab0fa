"""Where quantization lost what: the float32 and the uint8 file of a target, tensor by tensor."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.traces import open_trace
from convert.traces.base import Values
from convert.traces.pair import pair
from convert.vocabulary import Record, Target

_MOST = 120.0
"""The signal to noise ratio that equal tensors are said to have, in dB."""


class LayerError(Record):
    """One tensor that both files compute."""

    layer: str
    op: str
    """What computes it in the eight-bit file."""
    shape: tuple[int, ...]
    snr_db: float
    """10 log10 of the float tensor's power over that of the difference."""
    worst: float
    """The largest difference of any value, in parts of the float tensor's range."""


def layers(
    float32: Path, uint8: Path, format: Target, picture: NDArray[np.float32]
) -> tuple[LayerError, ...]:
    """Compare what two files of one graph compute of one prepared picture [1, h, w, 3].

    Tensors are matched as `convert diff` does, in the order of running; those that are not of one
    shape are left out. Raises RuntimeFailure where a runtime refuses a file.
    """
    wanted, found = open_trace(float32, format), open_trace(uint8, format)
    seen = wanted.run(picture), found.run(picture)
    pairs = pair(wanted, found, *seen)
    both = [(one.a.key, one.b.op, seen[0][one.a.name], seen[1][one.b.name]) for one in pairs]
    return tuple(_error(*each) for each in both if each[2].shape == each[3].shape)


def _error(layer: str, op: str, wanted: Values, found: Values) -> LayerError:
    signal, error = wanted.astype(np.float64), wanted.astype(np.float64) - found
    noise, power = float(np.mean(error**2)), float(np.mean(signal**2))
    snr = _MOST if noise == 0 else 10 * math.log10(max(power, 1e-30) / noise)
    return LayerError(
        layer=layer,
        op=op,
        shape=tuple(wanted.shape),
        snr_db=min(snr, _MOST),
        worst=float(np.abs(error).max()) / max(float(np.ptp(signal)), 1e-12),
    )
