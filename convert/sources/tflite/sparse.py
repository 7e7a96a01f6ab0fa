"""Write out sparse constants, stored level by level (TFLite's SparsityParameters, after TACO)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError

Array = NDArray[np.generic]
Places = NDArray[np.int64]

_DENSE, _CSR = 0, 1
_LARGEST_RATIO = 4096
"""Elements for each that is stored; a damaged shape would ask for all memory there is."""


def densify(stored: Array, shape: tuple[int, ...], sparsity: Any) -> Array:
    """The array of `shape` whose stored elements are given in the sparsity's traversal order.

    Raises SourceError where the levels do not fit the shape.
    """
    if math.prod(shape) > _LARGEST_RATIO * max(stored.size, 1):
        raise _unfit(shape, f"{stored.size} stored elements")
    order = [int(axis) for axis in _vector(sparsity.traversalOrder)]
    block_map = [int(axis) for axis in _vector(sparsity.blockMap)]
    levels = sparsity.dimMetadata or []
    if sorted(order) != list(range(len(shape) + len(block_map))) or len(levels) != len(order):
        raise _unfit(shape, f"the order {order} of {len(levels)} levels")
    places = _places(levels, stored.size, shape)
    blocks = _block_sizes(levels, order, len(shape))
    axes: list[Places] = [np.zeros(stored.size, np.int64) for _ in shape]
    for level, axis in enumerate(order):
        if axis < len(shape):
            block = math.prod(s for s, m in zip(blocks, block_map, strict=True) if m == axis)
            axes[axis] += places[level] * block
        else:
            axes[block_map[axis - len(shape)]] += places[level]
    dense = np.zeros(shape, stored.dtype)
    if any((a < 0).any() or (a >= s).any() for a, s in zip(axes, shape, strict=True)):
        raise _unfit(shape, "an element outside")
    dense[tuple(axes)] = stored
    return dense


def _vector(found: Any) -> NDArray[np.int64]:
    return np.zeros(0, np.int64) if found is None else np.asarray(found, np.int64)


def _block_sizes(levels: list[Any], order: list[int], rank: int) -> list[int]:
    """How large the blocks are along each blocked axis: always stored dense."""
    sizes = {axis: int(levels[level].denseSize) for level, axis in enumerate(order)}
    return [sizes[axis] for axis in range(rank, len(order))]


def _places(levels: list[Any], count: int, shape: tuple[int, ...]) -> list[Places]:
    """For each level, the index along it of each stored element."""
    found: list[Places] = []
    parents = 1
    for level in levels:
        inner, index = _level(level, parents, shape)
        if inner.size > math.prod(shape):
            raise _unfit(shape, f"{inner.size} elements on a level")
        found = [outer[inner] for outer in found] + [index]
        parents = index.size
    if parents != count:
        raise _unfit(shape, f"{parents} places for {count} stored elements")
    return found


def _level(level: Any, parents: int, shape: tuple[int, ...]) -> tuple[Places, Places]:
    """The parent, and the index along the level, of each of the level's entries."""
    if level.format == _DENSE:
        size = int(level.denseSize)
        if size < 0 or parents * size > math.prod(shape):
            raise _unfit(shape, f"a level of {parents} times {size}")
        return np.repeat(np.arange(parents), size), np.tile(np.arange(size), parents)
    if level.format != _CSR or level.arraySegments is None or level.arrayIndices is None:
        raise _unfit(shape, f"a level of format {level.format}")
    segments, indices = _vector(level.arraySegments.values), _vector(level.arrayIndices.values)
    lengths = np.diff(segments)
    if lengths.size != parents or (lengths < 0).any() or lengths.sum() != indices.size:
        raise _unfit(shape, f"{lengths.size} segments of {indices.size} elements")
    return np.repeat(np.arange(parents), lengths), indices


def _unfit(shape: tuple[int, ...], says: str) -> SourceError:
    return SourceError(
        f"a sparse constant of the shape {list(shape)} has {says}",
        hint="The file is damaged: fetch it again, and compare its digest.",
    )
