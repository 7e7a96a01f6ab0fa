"""Change the size of pictures and maps exactly as TensorFlow's CPU kernels do.

Follows `tensorflow/core/kernels/image/resize_bilinear_op.cc` and
`resize_nearest_neighbor_op.cc`: their float32 coordinates, and their order of operations.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convert.preprocessing import Resampling, Size

Array = NDArray[Any]
Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Corners = Literal["align", "half_pixel", "legacy"]

_HALF = np.float32(0.5)


def resample(array: Array, size: Size, how: Resampling) -> Array:
    """`array` [H, W] or [H, W, C] at another size, in its own value range.

    Nearest keeps the dtype and every value; bilinear gives float32. With `antialias` a uint8
    picture goes through Pillow and its rounding to whole levels. An array that has the size
    already keeps its values, and is not copied where its dtype is right too.
    """
    if how.method == "nearest":
        return _nearest(array, size, how.corners)
    if array.shape[:2] == size:
        return array.astype(np.float32, copy=False)
    return _antialiased(array, size) if how.antialias else _bilinear(array, size, how.corners)


def _nearest(array: Array, size: Size, corners: Corners) -> Array:
    """Each output pixel is the input pixel that TensorFlow takes for it."""
    if array.shape[:2] == size:
        return array
    rows = _nearest_indices(array.shape[0], size[0], corners)
    columns = _nearest_indices(array.shape[1], size[1], corners)
    return array.take(rows, axis=0).take(columns, axis=1)


def _nearest_indices(old: int, new: int, corners: Corners) -> Indices:
    """The input index of each of `new` output pixels along one axis."""
    shift = _HALF if corners == "half_pixel" else np.float32(0)
    places = (np.arange(new, dtype=np.float32) + shift) * _step(old, new, corners)
    if corners == "align":
        # C's roundf takes a half away from zero; adding a half first would round twice.
        whole = np.floor(places)
        places = whole + (places - whole >= _HALF)
    return np.minimum(places.astype(np.intp), old - 1)


def _bilinear(array: Array, size: Size, corners: Corners) -> Floats:
    """Columns, then rows, each `near + (far - near) * share`."""
    top, bottom, down = _neighbours(array.shape[0], size[0], corners)
    left, right, across = _neighbours(array.shape[1], size[1], corners)
    used, places = np.unique(np.concatenate([top, bottom]), return_inverse=True)
    rows = array.take(used, axis=0)
    trailing = (1,) * (array.ndim - 2)
    wide = _mix(rows, left, right, across.reshape(-1, *trailing), axis=1)
    top, bottom = np.split(places, 2)
    return _mix(wide, top, bottom, down.reshape(-1, 1, *trailing), axis=0)


def _mix(array: Array, near: Indices, far: Indices, share: Floats, axis: int) -> Floats:
    """Interpolate one axis between two neighbours, float32."""
    base = array.take(near, axis).astype(np.float32, copy=False)
    mixed = array.take(far, axis).astype(np.float32, copy=False)
    mixed -= base
    mixed *= share
    mixed += base
    return mixed


def _neighbours(old: int, new: int, corners: Corners) -> tuple[Indices, Indices, Floats]:
    """The two input indices of each output pixel along one axis, and the second one's share."""
    shift = _HALF if corners == "half_pixel" else np.float32(0)
    places = (np.arange(new, dtype=np.float32) + shift) * _step(old, new, corners) - shift
    whole = np.floor(places)
    near = np.maximum(whole, 0).astype(np.intp)
    far = np.minimum(np.ceil(places), old - 1).astype(np.intp)
    return near, far, places - whole


def _step(old: int, new: int, corners: Corners) -> np.float32:
    """Input pixels per output pixel along one axis."""
    if corners == "align" and new > 1:
        return np.float32(old - 1) / np.float32(new - 1)
    return np.float32(old) / np.float32(new)


def _antialiased(array: Array, size: Size) -> Floats:
    """Pillow's bilinear, whose triangle widens by as much as the picture shrinks."""
    if array.dtype == np.uint8 and array.shape[2:] == (3,):
        return _by_pillow(array, size)
    floats = array.astype(np.float32, copy=False)
    if array.ndim == 2:
        return _by_pillow(floats, size)
    # Pillow has no pictures of several float channels.
    return np.stack([_by_pillow(c, size) for c in np.moveaxis(floats, -1, 0)], axis=-1)


def _by_pillow(array: Array, size: Size) -> Floats:
    """An RGB uint8 or a one-channel float32 array, resized by Pillow."""
    picture = Image.fromarray(np.ascontiguousarray(array))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BILINEAR), np.float32)
