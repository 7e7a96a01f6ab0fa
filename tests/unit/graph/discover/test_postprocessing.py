"""Whatever a graph does after its network is found, and the core ends where files agree best."""

import pytest


def segmentation(after):
    """A uint8 graph that letterboxes to 64, with `after(tf, logits, picture size, its place)`."""

    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        picture = tf.shape(image)[1:3]
        sides = tf.cast(picture, tf.float32)
        size = tf.maximum(tf.cast(tf.round(sides * 64.0 / tf.reduce_max(sides)), tf.int32), 1)
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size)
        spare = 64 - size
        padded = tf.pad(resized, [[0, 0], [0, spare[0]], [0, spare[1]], [0, 0]])
        ready = tf.multiply(tf.reshape(padded, [1, 64, 64, 3]), 1 / 255, name="ready")
        logits = net.segmenter(ready)
        after(tf, logits, picture, size)

    return body


def test_a_whole_deeplab_tail_is_read(found):
    def after(tf, logits, picture, size):
        large = tf.image.resize_bilinear(logits, [64, 64], align_corners=True, name="large")
        labels = tf.cast(tf.argmax(large, 3), tf.int32)
        labels = tf.slice(labels, [0, 0, 0], tf.concat([[1], size], 0))[..., tf.newaxis]
        labels = tf.image.resize_nearest_neighbor(labels, picture, align_corners=True)
        tf.cast(tf.squeeze(labels, [3]), tf.int64, name="labels")

    anatomy = found(segmentation(after))
    post = anatomy.back.postprocessing
    assert anatomy.back.start == "large"
    assert (post.decode, post.unpad) == ("argmax", True)
    assert (post.restore.method, post.restore.corners) == ("nearest", "align")
    assert not anatomy.back.missing
    assert (anatomy.task, anatomy.classes) == ("segmentation", 5)


def test_the_core_may_end_before_an_enlargement_that_becomes_postprocessing(found):
    def after(tf, logits, picture, size):
        same = tf.image.resize_bilinear(logits, [32, 32], align_corners=True, name="same")
        large = tf.image.resize_bilinear(same, [64, 64], align_corners=True, name="large")
        tf.argmax(large, 3, name="labels")

    (alternative,) = found(segmentation(after)).back.alternatives
    assert alternative.output == "logits/Conv2D"
    assert alternative.postprocessing.upsample.size == (64, 64)
    assert alternative.postprocessing.upsample.resampling.corners == "align"
    assert alternative.output_bytes == 32 * 32 * 5 * 4
    assert alternative.saved_bytes == (64 * 64 - 32 * 32) * 5 * 4


def test_two_enlargements_in_a_row_are_not_taken_for_one(found):
    def after(tf, logits, picture, size):
        middle = tf.image.resize_bilinear(logits, [48, 48], name="middle")
        tf.argmax(tf.image.resize_bilinear(middle, [64, 64], name="large"), 3, name="labels")

    (alternative,) = found(segmentation(after)).back.alternatives
    assert alternative.output == "middle"


def test_logits_that_the_graph_does_not_decode_are_decoded_by_a_guess(found):
    anatomy = found(segmentation(lambda tf, logits, picture, size: None))
    assert anatomy.back.start == "logits/Conv2D"
    assert anatomy.back.postprocessing.decode == "argmax"
    assert any("guess" in says for says in anatomy.back.guesses)


def test_a_sigmoid_mask_is_segmentation_into_two(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [None, 64, 64, 3], name="input_1")
        logits = net.segmenter(image, classes=1)
        tf.identity(tf.sigmoid(logits, name="mask/Sigmoid"), name="Identity")

    anatomy = found(body)
    assert anatomy.back.start == "logits/Conv2D"
    assert anatomy.back.postprocessing.decode == "sigmoid"
    assert (anatomy.task, anatomy.classes) == ("segmentation", 2)
    assert anatomy.cut.original_output == "Identity"


def test_a_softmax_is_left_out_because_eight_bits_tie(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="input")
        scores = tf.nn.softmax(tf.reshape(net.classifier(image), [-1, 10], name="logits"))
        tf.reshape(scores, [1, 10], name="Predictions")

    anatomy = found(body)
    assert anatomy.cut.output == "logits"
    assert anatomy.cut.original_output == "Predictions"
    assert anatomy.back.postprocessing.decode == "softmax"
    assert "1/256" in anatomy.back.why
    assert (anatomy.task, anatomy.classes) == ("classification", 10)


def test_a_softmax_over_a_flattened_map_is_cut_before_it_is_flattened(found):
    def after(tf, logits, picture, size):
        flat = tf.reshape(logits, [-1, 5])
        tf.reshape(tf.nn.softmax(flat), [1, 32, 32, 5], name="probabilities")

    anatomy = found(segmentation(after))
    assert anatomy.cut.output == "logits/Conv2D"
    assert anatomy.back.postprocessing.decode == "softmax"


def test_an_argmax_over_probabilities_needs_only_the_logits(found):
    def after(tf, logits, picture, size):
        tf.argmax(tf.nn.softmax(logits), 3, name="labels")

    anatomy = found(segmentation(after))
    assert anatomy.cut.output == "logits/Conv2D"
    assert anatomy.back.postprocessing.decode == "argmax"


def test_logits_brought_to_the_pictures_size_are_cut_before_and_that_is_said(found):
    def after(tf, logits, picture, size):
        tf.argmax(tf.image.resize_bilinear(logits, picture, name="large"), 3, name="labels")

    anatomy = found(segmentation(after))
    assert anatomy.cut.output == "logits/Conv2D"
    assert anatomy.back.postprocessing.restore.method == "nearest"
    assert any("large" in says for says in anatomy.back.missing)


def test_a_detector_is_no_task_yet_and_that_is_said(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        boxes = tf.reshape(net.classifier(image, classes=40), [10, 4])
        chosen = tf.image.non_max_suppression(boxes, boxes[:, 0], 3)
        tf.gather(boxes, chosen, name="detection_boxes")

    anatomy = found(body)
    assert anatomy.task is None
    assert any("detector" in reason for reason in anatomy.reasons)


@pytest.mark.parametrize("classes", [1, 3])
def test_a_picture_as_answer_is_no_task_yet(found, classes):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        tf.tanh(net.segmenter(image, classes=classes), name="painted")

    anatomy = found(body)
    assert anatomy.task is None
    assert anatomy.cut.output == "painted"
