"""Where the network starts, and what of the way there a recipe cannot say."""

import numpy as np
import pytest

TO_ONE = (pytest.approx(1 / 127.5),) * 3


def test_what_a_recipe_cannot_say_is_said_and_not_confirmed(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        resized = tf.image.resize_bicubic(tf.cast(image, tf.float32), [32, 32])
        net.classifier(resized / 255.0)

    front = found(body).front
    assert any("ResizeBicubic" in says for says in front.missing)
    assert not front.confirmed
    assert front.max_difference > 0


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
