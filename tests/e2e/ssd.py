"""A detector as TensorFlow's object detection API exports them, in miniature.

Built like ssd_mobilenet_v1_coco: pictures are resized inside one while loop, and non-maximum
suppression runs inside another.
"""

from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow

SIDE, STRIDES, CLASSES, MOST = 64, (8, 16, 32), 4, 100
Tensor = Any


def detector(draw: np.random.Generator) -> None:
    """From `image_tensor` to `detection_boxes` and its like, in the default graph."""
    tf = tensorflow()
    picture = tf.compat.v1.placeholder(tf.uint8, [None, None, None, 3], "image_tensor")
    features = preprocessed(tf.cast(picture, tf.float32, "ToFloat"))
    predicted = []
    with tf.name_scope("FeatureExtractor/MobilenetV1/"):
        features = separable(draw, convolution(draw, features, 8, "Conv2d_0"), 16, "Conv2d_1")
    for layer in range(len(STRIDES)):
        with tf.name_scope("FeatureExtractor/MobilenetV1/"):
            features = separable(draw, features, 24, f"Conv2d_{layer + 2}_pointwise")
        predicted.append(predictor(draw, features, layer))
    offsets, scores = zip(*predicted, strict=True)
    joined = tf.concat(offsets, 1, "concat")
    places = tf.squeeze(joined, 2, "Squeeze")
    postprocessed(places, tf.concat(scores, 1, "concat_1"))


def preprocessed(pictures: Tensor) -> Tensor:
    tf = tensorflow()

    def resized(picture: Tensor) -> Tensor:
        with tf.name_scope("ResizeImage"):
            one = tf.compat.v1.image.resize_bilinear(picture[None], (SIDE, SIDE))
            return tf.squeeze(one, 0)

    with tf.name_scope("Preprocessor/"):
        stacked = tf.map_fn(resized, pictures, fn_output_signature=tf.float32, name="map")
        return tf.subtract(tf.multiply(stacked, 2.0 / 255.0, "mul"), 1.0, "sub")


def convolution(draw: np.random.Generator, x: Tensor, filters: int, name: str) -> Tensor:
    tf = tensorflow()
    kernel = weights(draw, (3, 3, int(x.shape[-1]), filters))
    return activated(draw, tf.nn.conv2d(x, kernel, 2, "SAME", name=name))


def separable(draw: np.random.Generator, x: Tensor, filters: int, name: str) -> Tensor:
    tf = tensorflow()
    depthwise = weights(draw, (3, 3, int(x.shape[-1]), 1))
    x = tf.nn.depthwise_conv2d(x, depthwise, [1, 2, 2, 1], "SAME", name=f"{name}_depthwise")
    x = activated(draw, x)
    kernel = weights(draw, (1, 1, int(x.shape[-1]), filters))
    return activated(draw, tf.nn.conv2d(x, kernel, 1, "SAME", name=name))


def activated(draw: np.random.Generator, x: Tensor) -> Tensor:
    tf = tensorflow()
    scale, offset, mean = (draw.normal(m, 0.2, int(x.shape[-1])) for m in (1.5, 0.5, 0.0))
    terms = [tf.constant(part, tf.float32) for part in (scale, offset, mean, np.ones_like(mean))]
    normal = tf.compat.v1.nn.fused_batch_norm(x, *terms, epsilon=0.001, is_training=False)[0]
    return tf.nn.relu6(normal)


def weights(draw: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    fan_in = np.prod(shape[:3]) if shape[3] > 1 else 9
    values = draw.normal(0, np.sqrt(2 / fan_in), shape)
    return tensorflow().constant(values, tensorflow().float32)


def predictor(draw: np.random.Generator, x: Tensor, layer: int) -> tuple[Tensor, Tensor]:
    """Offsets [?, N, 1, 4] and scores [?, N, CLASSES] of one layer."""
    tf = tensorflow()
    shapes = 3 if layer == 0 else 6
    with tf.name_scope(f"BoxPredictor_{layer}/"):
        batch = tf.shape(x)[0]
        kernels = [weights(draw, (1, 1, 24, shapes * many)) / 2 for many in (4, CLASSES)]
        boxes, scores = (tf.nn.conv2d(x, kernel, 1, "SAME") for kernel in kernels)
        scores = tf.nn.bias_add(scores, np.full(shapes * CLASSES, -4.5, np.float32))
        return (
            tf.reshape(boxes, tf.stack([batch, -1, 1, 4])),
            tf.reshape(scores, tf.stack([batch, -1, CLASSES])),
        )


def postprocessed(places: Tensor, scores: Tensor) -> None:
    tf = tensorflow()
    with tf.name_scope("Postprocessor/"):
        boxes = decoded(places)
        likely = tf.sigmoid(scores, "convert_scores")[:, :, 1:]
        kinds = (tf.float32, tf.float32, tf.float32)
        with tf.name_scope("BatchMultiClassNonMaxSuppression"):
            found = tf.map_fn(suppressed, (boxes, likely), fn_output_signature=kinds, name="map")
    names = ("detection_boxes", "detection_scores", "detection_classes")
    for tensor, name in zip(found, names, strict=True):
        tf.identity(tensor, name)
    tf.reduce_sum(tf.cast(found[1] > 0, tf.float32), 1, name="num_detections")


def decoded(places: Tensor) -> Tensor:
    """Corners, as the API's FasterRcnnBoxCoder makes them."""
    tf = tensorflow()
    grid = tiled([-(-SIDE // stride) for stride in STRIDES]).astype(np.float32)
    centre = places[..., :2] / 10 * grid[:, 2:] + grid[:, :2]
    half = tf.exp(places[..., 2:] / 5) * grid[:, 2:] / 2
    return tf.concat([centre - half, centre + half], -1)


def tiled(grids: list[int]) -> Any:
    """Anchors [N, 4] (centre y and x, height, width) as the API's create_ssd_anchors makes them."""
    scales = [*np.linspace(0.2, 0.95, len(grids)), 1.0]
    found = []
    for layer, cells in enumerate(grids):
        between = np.sqrt(scales[layer] * scales[layer + 1])
        shapes = [(scales[layer], ratio) for ratio in (1, 2, 0.5, 3, 0.3333)] + [(between, 1)]
        if layer == 0:
            shapes = [(0.1, 1), (scales[0], 2), (scales[0], 0.5)]
        centres = [(cell + 0.5) / cells for cell in range(cells)]
        sides = [(scale / np.sqrt(ratio), scale * np.sqrt(ratio)) for scale, ratio in shapes]
        found += [(y, x, *side) for y in centres for x in centres for side in sides]
    return np.array(found)


def suppressed(of_one: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """The detections of one picture: boxes [MOST, 4], scores [MOST] and classes [MOST]."""
    tf = tensorflow()
    boxes, likely = of_one
    parts = []
    for kind in range(CLASSES - 1):
        kept = tf.image.non_max_suppression(boxes, likely[:, kind], MOST, 0.6, 0.3)
        one = tf.gather(likely[:, kind], kept)
        parts.append((tf.gather(boxes, kept), one, tf.fill(tf.shape(one), float(kind + 1))))
    places, scores, kinds = (tf.concat(part, 0) for part in zip(*parts, strict=True))
    best = tf.math.top_k(scores, tf.minimum(MOST, tf.size(scores))).indices
    room = MOST - tf.size(best)
    return (
        tf.pad(tf.gather(places, best), [[0, room], [0, 0]]),
        tf.pad(tf.gather(scores, best), [[0, room]]),
        tf.pad(tf.gather(kinds, best), [[0, room]]),
    )
