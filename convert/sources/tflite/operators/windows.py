"""Pools, paddings and what else looks through a window."""

import numpy as np

from convert.sources.tflite.emit import Shape, Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.operators.activations import plainly_activated

PADDINGS = ("SAME", "VALID")
"""By TFLite's Padding."""

_MIRRORS = ("REFLECT", "SYMMETRIC")
"""By TFLite's MirrorPadMode."""


def pad_same(
    site: Site, x: Symbol, kernel: Shape, strides: tuple[int, int], rates: tuple[int, int]
) -> Symbol:
    """Pad with zeros as SAME does, the smaller half first."""
    pads = [[0, 0]]
    for side, window, stride, rate in zip(x.shape[1:3], kernel, strides, rates, strict=True):
        if side is None or window is None or stride < 1:
            raise site.unsupported("pads a map of free size")
        reach = (window - 1) * rate + 1
        total = max((-(-side // stride) - 1) * stride + reach - side, 0)
        pads.append([total // 2, total - total // 2])
    return site.add("Pad", input=x, paddings=np.array([*pads, [0, 0]], np.int32))


def max_pool_2d(site: Site) -> Symbol:
    """MAX_POOL_2D."""
    return plainly_activated(site, site.add("MaxPool", input=site.read(0), **_window(site)))


def average_pool_2d(site: Site) -> Symbol:
    """AVERAGE_POOL_2D; padding is not counted."""
    return plainly_activated(site, site.add("AvgPool", value=site.read(0), **_window(site)))


def l2_pool_2d(site: Site) -> Symbol:
    """L2_POOL_2D: the root of the mean of squares."""
    squares = site.add("Square", x=site.read(0))
    mean = site.add("AvgPool", value=squares, **_window(site))
    return plainly_activated(site, site.add("Sqrt", x=mean))


def _window(site: Site) -> dict[str, object]:
    options = site.options
    site.shape(0, 4)
    return {
        "ksize": [1, options.filterHeight, options.filterWidth, 1],
        "strides": [1, options.strideH, options.strideW, 1],
        "padding": PADDINGS[options.padding],
    }


def pad(site: Site) -> Symbol:
    """PAD with zeros."""
    return site.add("Pad", input=site.read(0), paddings=site.read(1))


def padv2(site: Site) -> Symbol:
    """PADV2 with a value."""
    return site.add(
        "PadV2", input=site.read(0), paddings=site.read(1), constant_values=site.read(2)
    )


def mirror_pad(site: Site) -> Symbol:
    """MIRROR_PAD, with or without the border repeated."""
    mode = _MIRRORS[site.options.mode]
    return site.add("MirrorPad", input=site.read(0), paddings=site.read(1), mode=mode)


def resize_bilinear(site: Site) -> Symbol:
    """RESIZE_BILINEAR, in its three corner conventions."""
    return _resized(site, "ResizeBilinear")


def resize_nearest_neighbor(site: Site) -> Symbol:
    """RESIZE_NEAREST_NEIGHBOR, in its three corner conventions."""
    return _resized(site, "ResizeNearestNeighbor")


def _resized(site: Site, op: str) -> Symbol:
    return site.add(
        op,
        images=site.read(0),
        size=site.read(1),
        align_corners=bool(site.options.alignCorners),
        half_pixel_centers=bool(site.options.halfPixelCenters),
    )


def local_response_normalization(site: Site) -> Symbol:
    """LOCAL_RESPONSE_NORMALIZATION over the channels."""
    options = site.options
    return site.add(
        "LRN",
        input=site.read(0),
        depth_radius=int(options.radius),
        bias=float(options.bias),
        alpha=float(options.alpha),
        beta=float(options.beta),
    )


def space_to_depth(site: Site) -> Symbol:
    """SPACE_TO_DEPTH."""
    return site.add("SpaceToDepth", input=site.read(0), block_size=int(site.options.blockSize))


def depth_to_space(site: Site) -> Symbol:
    """DEPTH_TO_SPACE."""
    return site.add("DepthToSpace", input=site.read(0), block_size=int(site.options.blockSize))


def space_to_batch_nd(site: Site) -> Symbol:
    """SPACE_TO_BATCH_ND."""
    return site.add(
        "SpaceToBatchND", input=site.read(0), block_shape=site.read(1), paddings=site.read(2)
    )


def batch_to_space_nd(site: Site) -> Symbol:
    """BATCH_TO_SPACE_ND."""
    return site.add(
        "BatchToSpaceND", input=site.read(0), block_shape=site.read(1), crops=site.read(2)
    )
