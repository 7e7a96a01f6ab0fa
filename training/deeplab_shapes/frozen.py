"""The inference graph: a uint8 picture of any size in, a label per pixel out, nothing trainable."""

import tensorflow as tf

from training.deeplab_shapes import SIZE
from training.deeplab_shapes.layers import Mode, tf1
from training.deeplab_shapes.model import network

INPUT, OUTPUT = "ImageTensor", "SemanticPredictions"


def freeze(checkpoint: str) -> bytes:
    """The serialized frozen GraphDef of a checkpoint."""
    with tf.Graph().as_default(), tf1.Session() as session:
        build()
        tf1.train.Saver().restore(session, checkpoint)
        frozen = tf1.graph_util.convert_variables_to_constants(
            session, session.graph.as_graph_def(), [OUTPUT]
        )
    return bytes(frozen.SerializeToString())


def build() -> tf.Tensor:
    """Labels int64 [1, height, width] of the placeholder's picture uint8 [1, height, width, 3]."""
    picture = tf1.placeholder(tf.uint8, [1, None, None, 3], name=INPUT)
    original = tf.shape(picture)[1:3]
    resized = resized_shape(original)
    scores = network(preprocess(picture, resized), Mode(training=False))
    return postprocess(scores, resized, original)


def resized_shape(original: tf.Tensor) -> tf.Tensor:
    """Height and width once the longer side is 129, int32 [2]."""
    sides = tf.cast(original, tf.float32)
    scaled = tf.round(sides * tf.cast(SIZE, tf.float32) / tf.reduce_max(sides))
    return tf.maximum(tf.cast(scaled, tf.int32), 1)


def preprocess(picture: tf.Tensor, resized: tf.Tensor) -> tf.Tensor:
    """The picture resized, padded with grey at the bottom and right: [1, 129, 129, 3] in -1..1."""
    image = tf.cast(tf.squeeze(picture, [0]), tf.float32)
    image = tf1.image.resize_bilinear(image[tf.newaxis], resized, align_corners=True)
    missing = SIZE - resized
    ends = [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]]
    image = tf.pad(image - 127.5, ends) + 127.5
    return tf.reshape(image, [1, SIZE, SIZE, 3]) * (2 / 255) - 1.0


def postprocess(scores: tf.Tensor, resized: tf.Tensor, original: tf.Tensor) -> tf.Tensor:
    """The best label per pixel, its padding cut away, at the picture's own size."""
    labels = tf.cast(tf.argmax(scores, axis=3, name="ArgMax"), tf.int32)
    size = tf.concat([[1], resized], axis=0)
    labels = tf.slice(labels, [0, 0, 0], size)[..., tf.newaxis]
    labels = tf1.image.resize_nearest_neighbor(labels, original, align_corners=True)
    return tf.identity(tf.cast(tf.squeeze(labels, [3]), tf.int64), name=OUTPUT)
