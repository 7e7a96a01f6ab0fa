"""Find the decided kernels among a file's weights, by what they hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.quantization import Decisions, Kernel

_OIHW, _DEPTHWISE = (3, 2, 0, 1), (2, 3, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A kernel in a file's layout."""

    name: str
    """The Const node of the core that it comes from."""
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    axis: int
    """Along which each slice has its scale."""


class Kernels:
    """The decided kernels, to be asked for by their float32 values."""

    def __init__(self, decisions: Decisions) -> None:
        self._known: Mapping[tuple[tuple[int, ...], bytes], Found] = {
            _key(values): found
            for name, kernel in decisions.kernels.items()
            for values, found in _layouts(name, kernel)
        }

    def find(self, values: NDArray[np.float32]) -> Found | None:
        """The kernel with exactly these values, or None."""
        return self._known.get(_key(values))


def _key(values: NDArray[np.float32]) -> tuple[tuple[int, ...], bytes]:
    return values.shape, (values + np.float32(0)).tobytes()  # -0 is 0


def _layouts(name: str, kernel: Kernel) -> Iterator[tuple[NDArray[np.float32], Found]]:
    """A kernel as ONNX may hold it: OIHW, or IO and OI of a matrix."""
    for order, axis in _orders(kernel):
        codes, values = kernel.codes.transpose(order), kernel.values.transpose(order)
        if kernel.depthwise:
            codes = codes.reshape(-1, 1, *codes.shape[2:])
            values = values.reshape(codes.shape)
        yield (
            np.ascontiguousarray(values),
            Found(
                name=name,
                codes=np.ascontiguousarray(codes),
                scales=kernel.scales.reshape(-1).astype(np.float32),
                axis=axis,
            ),
        )


def _orders(kernel: Kernel) -> tuple[tuple[tuple[int, ...], int], ...]:
    if kernel.depthwise:
        return ((_DEPTHWISE, 0),)
    return (((0, 1), 1), ((1, 0), 0)) if kernel.codes.ndim == 2 else ((_OIHW, 0),)
