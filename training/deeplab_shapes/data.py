"""Scenes on the network's grid, drawn by worker processes and varied for training."""

import os
from collections.abc import Iterator, Sequence
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import VOID
from convert.datasets.scenes import draw_scene
from training.deeplab_shapes import SIZE

Bytes = NDArray[np.uint8]


def draw_all(seeds: Sequence[int], processes: int) -> tuple[Bytes, Bytes, NDArray[np.int64]]:
    """Canvases [N, 129, 129, 3], masks [N, 129, 129] and the sizes [N, 2] they fill."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the workers' own threads would fight each other
    with get_context("spawn").Pool(processes) as pool:
        canvases, masks, sizes = zip(*pool.imap(draw_canvas, seeds, chunksize=64), strict=True)
    return np.stack(canvases), np.stack(masks), np.array(sizes)


def draw_canvas(seed: int) -> tuple[Bytes, Bytes, tuple[int, int]]:
    """A scene whose longer side is 129, padded at the bottom and right with grey and void."""
    scene = draw_scene(seed)
    height, width = (round(side * SIZE / max(scene.mask.shape)) for side in scene.mask.shape)
    canvas, mask = np.full((SIZE, SIZE, 3), 127, np.uint8), np.full((SIZE, SIZE), VOID, np.uint8)
    canvas[:height, :width] = np.rint(resize_bilinear(scene.image, height, width))
    mask[:height, :width] = resize_nearest(scene.mask, height, width)
    return canvas, mask, (height, width)


def resize_bilinear(image: Bytes, height: int, width: int) -> NDArray[np.float32]:
    """As TensorFlow's ResizeBilinear with align_corners, [height, width, 3]."""
    rows, columns = _weights(len(image), height), _weights(len(image[0]), width)
    return np.stack([rows @ plane @ columns.T for plane in np.moveaxis(image, 2, 0)], axis=2)


def resize_nearest(mask: Bytes, height: int, width: int) -> Bytes:
    """The nearest label on the same grid, [height, width]."""
    rows, columns = _positions(len(mask), height), _positions(len(mask[0]), width)
    nearest = np.ix_(np.rint(rows).astype(int), np.rint(columns).astype(int))
    return np.asarray(mask[nearest], np.uint8)


def batches(
    canvases: Bytes, masks: Bytes, sizes: NDArray[np.int64], batch: int, seed: int
) -> Iterator[tuple[Bytes, Bytes]]:
    """Endless varied batches in shuffled passes."""
    generator = np.random.default_rng(seed)
    while True:
        order = generator.permutation(len(canvases))
        for start in range(0, len(order) - batch + 1, batch):
            chosen = order[start : start + batch]
            varied = [vary(canvases[i], masks[i], sizes[i], generator) for i in chosen]
            yield np.stack([image for image, _ in varied]), np.stack([mask for _, mask in varied])


def vary(
    canvas: Bytes, mask: Bytes, size: NDArray[np.int64], generator: np.random.Generator
) -> tuple[Bytes, Bytes]:
    """Mirrored within its filled part, transposed, its colours swapped or inverted, at random."""
    height, width = size
    down, right = generator.choice([-1, 1], 2)
    canvas, mask = canvas.copy(), mask.copy()
    canvas[:height, :width] = canvas[:height, :width][::down, ::right, generator.permutation(3)]
    mask[:height, :width] = mask[:height, :width][::down, ::right]
    if generator.random() < 0.3:
        canvas = ~canvas
    if generator.random() < 0.5:
        canvas, mask = canvas.transpose(1, 0, 2), mask.T
    return canvas, mask


def _weights(source: int, target: int) -> NDArray[np.float32]:
    """Bilinear weights of the source's pixels for each target's, float32 [target, source]."""
    distance = np.abs(_positions(source, target)[:, None] - np.arange(source)[None, :])
    return np.maximum(0, 1 - distance).astype(np.float32)


def _positions(source: int, target: int) -> NDArray[np.float64]:
    """Where each target pixel lies on the source when the corners agree."""
    return np.arange(target) * ((source - 1) / max(1, target - 1))
