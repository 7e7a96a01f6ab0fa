"""Whatever a graph does to a picture before its network is found, said and confirmed."""

import numpy as np
import pytest

TO_ONE = (pytest.approx(1 / 127.5),) * 3


def test_a_cast_and_a_scale_are_read_and_the_core_starts_behind_them(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="ImageTensor")
        scaled = tf.cast(image, tf.float32) * (2 / 255)
        resized = tf.image.resize_bilinear(scaled, [64, 48], align_corners=True)
        tf.nn.softmax(net.classifier(tf.subtract(resized, 1.0, name="ready")), name="scores")

    front = found(body).front
    assert front.end == "ready"
    assert front.preprocessing.size == (64, 48)
    assert front.preprocessing.resize == "stretch"
    assert front.preprocessing.resampling.corners == "align"
    assert front.preprocessing.mean == (127.5,) * 3
    assert front.preprocessing.scale == TO_ONE
    assert front.confirmed
    assert not front.guesses
    assert not front.missing
    assert [step.nodes[0] for step in front.steps][-1] == "ready"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"half_pixel_centers": True}, ("bilinear", "half_pixel")),
        ({}, ("bilinear", "legacy")),
        ({"align_corners": True}, ("bilinear", "align")),
    ],
)
def test_every_way_of_aligning_a_bilinear_resize_is_told_apart(found, attributes, expected):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        pixels = tf.cast(image, tf.float32)
        resized = tf.raw_ops.ResizeBilinear(images=pixels, size=[40, 56], **attributes)
        net.classifier(resized / 255.0)

    front = found(body).front
    how = front.preprocessing.resampling
    assert (how.method, how.corners) == expected
    assert front.preprocessing.scale == (pytest.approx(1 / 255),) * 3
    assert front.confirmed


def test_nearest_resizes_are_read_too(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        resized = tf.image.resize_nearest_neighbor(tf.cast(image, tf.float32), [32, 32])
        net.classifier(resized)

    front = found(body).front
    assert front.preprocessing.resampling.method == "nearest"
    assert front.confirmed


@pytest.mark.parametrize("rounding", ["round", "floor", "ceil"])
@pytest.mark.parametrize("enlarges", [True, False])
def test_a_letterbox_is_told_from_a_shrink_with_every_rounding(found, rounding, enlarges):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.cast(tf.shape(image)[1:3], tf.float32)
        longest = tf.reduce_max(sides)
        scaled = sides * 64.0 / (longest if enlarges else tf.maximum(longest, 64.0))
        size = tf.maximum(tf.cast(getattr(tf.math, rounding)(scaled), tf.int32), 1)
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size, align_corners=True)
        missing = tf.maximum(64 - size, 0)
        ends = [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]]
        padded = tf.reshape(tf.pad(resized, ends), [1, 64, 64, 3])
        net.segmenter(padded / 255.0)

    front = found(body).front
    assert front.preprocessing.resize == ("letterbox" if enlarges else "shrink")
    assert front.preprocessing.rounding == rounding
    assert front.preprocessing.anchor == "top_left"
    assert front.preprocessing.size == (64, 64)
    assert not front.missing
    assert front.confirmed


def test_a_centered_letterbox_and_its_colored_border_are_read(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.cast(tf.shape(image)[1:3], tf.float32)
        scaled = tf.floor(sides * 64.0 / tf.reduce_max(sides))
        size = tf.maximum(tf.cast(scaled, tf.int32), 1)
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size)
        spare = 64 - size
        rows, columns = (tf.stack([s // 2, s - s // 2]) for s in (spare[0], spare[1]))
        ends = tf.stack([[0, 0], rows, columns, [0, 0]])
        padded = tf.pad(resized, ends, constant_values=114.0)
        net.segmenter(tf.reshape(padded, [1, 64, 64, 3]) / 255.0)

    front = found(body).front
    assert front.preprocessing.anchor == "center"
    assert front.preprocessing.pad_value == 114
    assert front.confirmed


def test_sizes_that_a_letterbox_misses_by_a_pixel_are_said(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.cast(tf.shape(image)[1:3], tf.float32)
        size = tf.cast(tf.round(sides * 64.0 / tf.reduce_max(sides)), tf.int32) - [0, 1]
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size)
        spare = 64 - size
        padded = tf.pad(resized, [[0, 0], [0, spare[0]], [0, spare[1]], [0, 0]])
        net.segmenter(padded / 255.0)

    front = found(body).front
    assert front.preprocessing.resize == "letterbox"
    assert any("of 6 picture sizes" in says for says in front.missing)
    assert not front.confirmed


def test_a_graph_that_only_pads_shrinks_larger_pictures_and_says_that_this_is_a_guess(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        size = tf.shape(image)[1:3]
        spare = tf.maximum(96 - size, 0)
        ends = [[0, 0], [0, spare[0]], [0, spare[1]], [0, 0]]
        mean = tf.reshape(tf.constant([127.5, 127.5, 127.5]), [1, 1, 3])
        padded = tf.pad(tf.cast(image, tf.float32) - mean, ends) + mean
        net.segmenter(padded * (1 / 255))

    front = found(body).front
    assert front.preprocessing.resize == "shrink"
    assert front.preprocessing.size == (96, 96)
    assert front.preprocessing.pad_value == 127.5
    assert front.confirmed
    assert any("guess" in says and "96x96" in says for says in front.guesses)


def test_a_mean_color_per_channel_is_read_through_constant_subgraphs(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [None, 64, 64, 3], name="image")
        mean = tf.identity(tf.reshape([123.68, 116.78, 103.94], [1, 1, 1, 3]))
        spread = tf.constant([0.229, 0.224, 0.225]) * 255.0
        net.classifier((tf.cast(image, tf.float32) - mean) / spread)

    front = found(body).front
    assert front.preprocessing.mean == (123.68, 116.78, 103.94)
    assert front.preprocessing.scale == pytest.approx((1 / 58.395, 1 / 57.12, 1 / 57.375))
    assert front.confirmed
    assert any("64x64" in says and "guess" in says for says in front.guesses)
    assert front.preprocessing.resampling.antialias  # whole levels, which a uint8 input asks for
    assert front.resized_outside


def swapped_by_reverse(tf, x):
    return tf.reverse(x, [-1])


def swapped_by_slice(tf, x):
    return x[..., ::-1]


def swapped_by_gather(tf, x):
    return tf.gather(x, [2, 1, 0], axis=3)


def swapped_by_split(tf, x):
    red, green, blue = tf.split(x, 3, axis=3)
    return tf.concat([blue, green, red], axis=3)


@pytest.mark.parametrize(
    "swapped", [swapped_by_reverse, swapped_by_slice, swapped_by_gather, swapped_by_split]
)
def test_bgr_is_seen_however_the_channels_are_swapped(found, swapped):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 48, 48, 3], name="image")
        pixels = swapped(tf, tf.cast(image, tf.float32))
        net.classifier(tf.subtract(pixels, [103.939, 116.779, 123.68], name="ready"))

    front = found(body).front
    assert front.end == "ready"
    assert front.preprocessing.channels == "BGR"
    assert front.preprocessing.mean == (103.939, 116.779, 123.68)
    assert front.confirmed


def test_channels_taken_apart_scaled_and_joined_are_one_step(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 48, 48, 3], name="image")
        red, green, blue = tf.split(tf.cast(image, tf.float32), 3, axis=3)
        net.classifier(tf.concat([blue - 103.0, green - 116.0, red - 123.0], 3, name="bgr"))

    front = found(body).front
    assert front.end == "bgr"
    assert front.preprocessing.mean == pytest.approx((103, 116, 123), abs=1e-3)
    assert front.preprocessing.channels == "BGR"
    assert front.confirmed


def test_a_central_square_is_a_crop(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.shape(image)[1:3]
        side = tf.reduce_min(sides)
        begin = (sides - side) // 2
        square = tf.slice(image, [0, begin[0], begin[1], 0], tf.stack([1, side, side, 3]))
        resized = tf.image.resize_bilinear(tf.cast(square, tf.float32), [32, 32])
        net.classifier(resized / 127.5 - 1.0)

    front = found(body).front
    assert front.preprocessing.resize == "crop"
    assert front.preprocessing.crop_fraction == 1.0
    assert front.confirmed


def test_what_a_recipe_cannot_say_is_said_and_not_confirmed(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        resized = tf.image.resize_bicubic(tf.cast(image, tf.float32), [32, 32])
        net.classifier(resized / 255.0)

    front = found(body).front
    assert any("ResizeBicubic" in says for says in front.missing)
    assert not front.confirmed
    assert front.max_difference > 0


def test_padding_that_belongs_to_a_convolution_stays_in_the_core(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 64, 64, 3], name="image")
        scaled = tf.multiply(tf.cast(image, tf.float32), 1 / 255, name="scaled")
        padded = tf.pad(scaled, [[0, 0], [3, 3], [3, 3], [0, 0]])
        net.classifier(padded)

    assert found(body).front.end == "scaled"


def test_a_float_input_that_is_scaled_from_pixels_is_cut_behind_the_scale(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        net.classifier(tf.subtract(image / 127.5, 1.0, name="ready"))

    front = found(body).front
    assert front.end == "ready"
    assert front.preprocessing.mean == (127.5,) * 3
    assert front.confirmed


def test_a_float_input_without_any_scale_gets_a_guess_that_is_called_one(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="input")
        with tf.variable_scope("MobilenetV2"):
            net.classifier(image)

    front = found(body).front
    assert front.end == "input"
    assert front.preprocessing.scale == TO_ONE
    assert not front.confirmed
    assert any("TF-Slim" in says and "guess" in says for says in front.guesses)


def test_a_free_size_without_any_resize_gets_a_size_that_is_called_a_guess(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [None, None, None, 3], name="input")
        net.segmenter(image)

    front = found(body).front
    assert front.preprocessing.size == (224, 224)
    assert any("224x224 is a guess" in says for says in front.guesses)


def test_channels_first_networks_are_read_with_channels_last(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 3, 32, 40], name="image")
        mean = np.array([120, 110, 100], np.float32).reshape(1, 3, 1, 1)
        ready = tf.subtract(tf.cast(image, tf.float32), mean, name="ready")
        kernel = net.weights(3, 3, 3, 4)
        net_out = tf.nn.conv2d(ready, kernel, 1, "SAME", data_format="NCHW")
        tf.reduce_mean(net_out, [2, 3], name="scores")

    anatomy = found(body)
    assert anatomy.front.layout == "NHWC"
    assert anatomy.front.end == "ready/last"
    assert anatomy.front.preprocessing.mean == (120, 110, 100)
    assert anatomy.front.confirmed
    assert anatomy.core.input_shape == (1, 32, 40, 3)


def test_a_turn_to_channels_first_right_before_the_network_stays_in_the_core(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 32, 32, 3], name="image")
        ready = tf.multiply(tf.cast(image, tf.float32), 1 / 255, name="ready")
        turned = tf.transpose(ready, [0, 3, 1, 2])
        kernel = net.weights(3, 3, 3, 4)
        tf.nn.conv2d(turned, kernel, 1, "SAME", data_format="NCHW", name="logits")

    front = found(body).front
    assert (front.end, front.layout) == ("ready", "NHWC")


def test_a_picture_without_a_batch_is_taken_too(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [None, None, 3], name="image")
        resized = tf.image.resize_bilinear(tf.expand_dims(tf.cast(image, tf.float32), 0), [32, 32])
        net.classifier(resized / 255.0)

    front = found(body).front
    assert front.preprocessing.size == (32, 32)
    assert front.confirmed
