"""mIoU of a frozen graph on drawn scenes, each at its own size."""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert.datasets.base import VOID
from convert.datasets.scenes import CLASSES, draw_scene
from training.deeplab_shapes.frozen import INPUT, OUTPUT
from training.deeplab_shapes.layers import tf1


def class_ious(frozen: bytes, seeds: Iterable[int]) -> NDArray[np.float64]:
    """Intersection over union per class, float64 [classes] in 0..1, void left out."""
    counts = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf.import_graph_def(tf1.GraphDef.FromString(frozen), name="")
        for scene in map(draw_scene, seeds):
            (labels,) = session.run(f"{OUTPUT}:0", {f"{INPUT}:0": scene.image[np.newaxis]})
            counts += confusion(scene.mask, labels)
    hits = counts.diagonal()
    return np.asarray(hits / (counts.sum(axis=0) + counts.sum(axis=1) - hits), np.float64)


def confusion(mask: NDArray[np.uint8], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pixels by true and given label, int64 [classes, classes]."""
    counted = mask != VOID
    pairs = mask[counted].astype(np.int64) * len(CLASSES) + labels[counted]
    return np.bincount(pairs, minlength=len(CLASSES) ** 2).reshape(len(CLASSES), len(CLASSES))
