"""Operators that move values about, and that make some from few."""

from typing import Any

import numpy as np

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Array, Symbol
from convert.sources.tflite.tensors import dtype_of


def reshape(site: Site) -> Symbol:
    """RESHAPE to the second input, or to the option where there is none."""
    if site.has(1):
        return site.add("Reshape", tensor=site.read(0), shape=site.read(1))
    sides = site.options.newShape
    return site.add("Reshape", tensor=site.read(0), shape=[int(side) for side in _listed(sides)])


def _listed(found: Any) -> list[Any]:
    return [] if found is None else list(found)


def transpose(site: Site) -> Symbol:
    """TRANSPOSE."""
    return site.add("Transpose", x=site.read(0), perm=site.read(1))


def squeeze(site: Site) -> Symbol:
    """SQUEEZE of the axes that are named, or of all of length 1."""
    axes = [int(axis) for axis in _listed(site.options.squeezeDims)]
    return site.add("Squeeze", input=site.read(0), axis=axes)


def expand_dims(site: Site) -> Symbol:
    """EXPAND_DIMS."""
    return site.add("ExpandDims", input=site.read(0), axis=site.read(1))


def tile(site: Site) -> Symbol:
    """TILE."""
    return site.add("Tile", input=site.read(0), multiples=site.read(1))


def broadcast_to(site: Site) -> Symbol:
    """BROADCAST_TO."""
    return site.add("BroadcastTo", input=site.read(0), shape=site.read(1))


def reverse(site: Site) -> Symbol:
    """REVERSE_V2."""
    return site.add("ReverseV2", tensor=site.read(0), axis=site.read(1))


def fill(site: Site) -> Symbol:
    """FILL."""
    return site.add("Fill", dims=site.read(0), value=site.read(1))


def shape_of(site: Site) -> Symbol | Array:
    """SHAPE; a constant where no side is free."""
    kind = dtype_of(site.made())
    sides = site.shape(0)
    if None not in sides:
        return np.array(sides, kind)
    return site.add("Shape", input=site.read(0), out_type=kind)


def range_of(site: Site) -> Symbol:
    """RANGE."""
    return site.add("Range", start=site.read(0), limit=site.read(1), delta=site.read(2))


def one_hot(site: Site) -> Symbol:
    """ONE_HOT."""
    return site.add(
        "OneHot",
        indices=site.read(0),
        depth=site.read(1),
        on_value=site.read(2),
        off_value=site.read(3),
        axis=int(site.options.axis),
    )


def topk(site: Site) -> list[Symbol]:
    """TOPK_V2: the values and their indices."""
    values, indices = site.add("TopKV2", input=site.read(0), k=site.read(1))
    return [values, indices]


def cumsum(site: Site) -> Symbol:
    """CUMSUM."""
    options = site.options
    return site.add(
        "Cumsum",
        x=site.read(0),
        axis=site.read(1),
        exclusive=bool(options.exclusive),
        reverse=bool(options.reverse),
    )


def cast(site: Site) -> Symbol:
    """CAST; of stored integers it would need the file's own numbers."""
    if site.tensor(0).steps is not None or site.made().steps is not None:
        raise site.unsupported("casts quantized numbers")
    return site.add("Cast", x=site.read(0), DstT=dtype_of(site.made()))
