"""How far boxes cover each other."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def ious(some: Floats, others: Floats) -> NDArray[np.float64]:
    """Intersection over union of boxes [N, 4] and [M, 4] (top, left, bottom, right): [N, M].

    Boxes without an area cover nothing.
    """
    first, second = some[:, np.newaxis].astype(np.float64), others[np.newaxis].astype(np.float64)
    starts = np.maximum(first[..., :2], second[..., :2])
    ends = np.minimum(first[..., 2:], second[..., 2:])
    common = np.prod(np.maximum(ends - starts, 0), axis=-1)
    union = _areas(first) + _areas(second) - common
    return np.divide(common, union, out=np.zeros(common.shape), where=union > 0)


def _areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = np.prod(
        np.maximum(corners[..., 2:] - corners[..., :2], 0), axis=-1
    )
    return areas
