"""Confirm what was read: TensorFlow's own tensor at the cut against the recipe's preprocessing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.discover.probe import Probe, noise
from convert.pictures.prepare import prepare
from convert.preprocessing import Preprocessing, Size
from convert.vocabulary import Layout

_SHARE = 2e-4
"""Of the input's range: float32 arithmetic in another order stays far below it."""

_LEVEL = 1.02
"""Of 256: antialiasing goes through Pillow, which rounds to whole levels."""


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What a comparison found; `largest` is None where nothing could be compared."""

    confirmed: bool
    largest: float | None
    compared: tuple[Size, ...]


def confirm(
    probe: Probe, end: str, pre: Preprocessing, layout: Layout, sizes: Sequence[Size]
) -> Confirmation:
    """Compare on pictures of noise of `sizes`, less those that the graph refuses."""
    found = {}
    for seed, size in enumerate(dict.fromkeys(probe.allowed(size) for size in sizes)):
        image = noise(size, seed)
        arrays = probe.run(image, [end])
        if arrays is not None:
            tensor = prepare(image, pre).tensor
            wanted = np.moveaxis(tensor, 3, 1) if layout == "NCHW" else tensor
            found[size] = _apart(arrays[0][:1], wanted)
    largest = max(found.values(), default=None)
    levels = _LEVEL if pre.resampling.antialias else _SHARE * 255
    bound = levels * max(abs(scale) for scale in pre.scale)
    finite = largest is not None and bool(np.isfinite(largest))
    return Confirmation(
        confirmed=finite and largest is not None and largest <= bound,
        largest=largest if finite else None,
        compared=tuple(found),
    )


def _apart(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    if found.shape != wanted.shape:
        return float("inf")
    return float(np.abs(found.astype(np.float32) - wanted).max(initial=0))
