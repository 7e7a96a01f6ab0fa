"""How a graph decodes and suppresses its boxes is read by feeding it boxes and scores."""

import numpy as np
import pytest

from convert.graph.tensorflow import tensorflow
from convert.pictures.anchors import anchors
from convert.preprocessing import AnchorSpec

SPEC = AnchorSpec(input_size=(32, 32), strides=(8, 16), aspect_ratios=(1.0, 2.0))
GRID = anchors(SPEC)


def detector(tf, net, *, classes=3, likely=None, first=0, suppress=None, corners=None):
    """Raw boxes and scores of 32 x 32 pictures, decoded and suppressed."""
    image = tf.placeholder(tf.uint8, [None, 32, 32, 3], name="image")
    features = net.vector(net.conv(tf.cast(image, tf.float32) / 255.0, 8), len(GRID))[..., None]
    boxes = tf.multiply(features, net.weights(4), name="encodings")
    scores = tf.multiply(features, net.weights(classes), name="predictions")
    decoded = (corners or coded)(tf, boxes)
    chances = (likely or tf.sigmoid)(scores)[0, :, first:]
    kept = (suppress or separately)(tf, decoded[0], chances)
    tf.gather(decoded[0], kept, name="detection_boxes")


def coded(tf, boxes, scale=(10.0, 10.0, 5.0, 5.0)):
    """Faster R-CNN's coder: corners of boxes."""
    y, x, height, width = tf.unstack(boxes / scale, axis=-1)
    middle = y * GRID[:, 2] + GRID[:, 0], x * GRID[:, 3] + GRID[:, 1]
    half = tf.exp(height) * GRID[:, 2] / 2, tf.exp(width) * GRID[:, 3] / 2
    sides = [m - h for m, h in zip(middle, half, strict=True)]
    return tf.stack([*sides, *(m + h for m, h in zip(middle, half, strict=True))], axis=-1)


def separately(tf, boxes, chances):
    """Each class by itself, among the boxes that reach a score."""
    parts = []
    for kind in range(int(chances.shape[-1])):
        likely = tf.where(chances[:, kind] > 0.25)[:, 0]
        args = (tf.gather(boxes, likely), tf.gather(chances[:, kind], likely))
        kept = tf.raw_ops.NonMaxSuppressionV2(
            boxes=args[0], scores=args[1], max_output_size=7, iou_threshold=0.55
        )
        parts.append(tf.gather(likely, kept))
    return tf.concat(parts, 0)


def together(tf, boxes, chances):
    best = tf.reduce_max(chances, axis=-1)
    return tf.image.non_max_suppression(boxes, best, 9, 0.4, 0.2)


def read(found, **how):
    return found(lambda tf, net: detector(tf, net, **how)).back.postprocessing.boxes


def test_coder_anchors_and_activation_are_found(found):
    how = read(found)
    assert how.order == "yxhw"
    assert how.scale == (10, 10, 5, 5)
    assert (how.size_coding, how.activation, how.background) == ("exponential", "sigmoid", False)
    assert how.anchors.strides == SPEC.strides
    np.testing.assert_allclose(anchors(how.anchors), GRID, atol=1e-5)


def test_thresholds_before_and_in_the_suppression_are_found(found):
    how = read(found)
    assert (how.score_threshold, how.iou_threshold, how.per_class) == (0.25, 0.55, True)
    one = read(found, suppress=together)
    assert (one.score_threshold, one.iou_threshold, one.per_class) == (0.2, 0.4, False)


def test_a_softmax_and_a_background_class_are_found(found):
    how = read(found, likely=tensorflow().nn.softmax, first=1)
    assert (how.activation, how.background) == ("softmax", True)


def test_four_classes_are_not_taken_for_boxes(found):
    anatomy = found(lambda tf, net: detector(tf, net, classes=4))
    assert anatomy.cut.outputs == {"boxes": "encodings", "scores": "predictions"}


@pytest.mark.parametrize("odd", ["cubed", "unscaled"])
def test_a_coder_that_no_recipe_can_say_is_not_guessed(found, odd):
    def corners(tf, boxes):
        return coded(tf, boxes**3) if odd == "cubed" else tf.abs(boxes)

    anatomy = found(lambda tf, net: detector(tf, net, corners=corners))
    assert anatomy.back.postprocessing.boxes is None
    assert "could not be told" in anatomy.back.missing[0]
    assert anatomy.task == "detection"
