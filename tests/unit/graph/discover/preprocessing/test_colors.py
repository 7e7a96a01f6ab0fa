"""What a graph does to the colors of a picture."""

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
