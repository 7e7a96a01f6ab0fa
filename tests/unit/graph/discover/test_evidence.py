"""The first batch norm remembers which values a network was trained with."""

import numpy as np
import pytest

from convert.graph.discover.evidence import natural

NORMALIZATIONS = {
    "x / 127.5 - 1": lambda x: x / 127.5 - 1,
    "x / 255": lambda x: x / 255,
    "0..255 as they are": lambda x: x,
}


def trained(normalize, scope, fused):
    """A network whose first batch norm saw normalized natural pictures."""

    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 96, 96, 3], name="input")
        kernel = net.weights(3, 3, 3, 8)
        pictures = np.stack([normalize(picture) for picture in natural((96, 80))])
        with tf.Graph().as_default():
            seen = tf.nn.conv2d(pictures.astype(np.float32), kernel, 2, "SAME")
            seen = tf.Session().run(seen).reshape(-1, 8)
        mean, variance = seen.mean(0) * 1.1, seen.var(0) * 0.9
        with tf.variable_scope(scope):
            output = tf.nn.conv2d(image, tf.constant(kernel, name="weights"), 2, "SAME")
            scale, offset = np.ones(8, np.float32), np.zeros(8, np.float32)
            if fused:
                output = tf.nn.fused_batch_norm(
                    output, scale, offset, mean, variance, is_training=False
                )[0]
            else:
                means = tf.constant(mean, name="BatchNorm/moving_mean")
                variances = tf.constant(variance, name="BatchNorm/moving_variance")
                factor = tf.rsqrt(variances + 0.001)
                output = output * factor + (offset - means * factor)
        net.vector(tf.nn.relu(output), 5)

    return body


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("said", NORMALIZATIONS)
def test_the_values_that_training_saw_are_found(found, said, fused):
    front = found(trained(NORMALIZATIONS[said], "Net", fused)).front
    assert any(said in guess and "batch norm" in guess for guess in front.guesses)
    expected = {"x / 127.5 - 1": 127.5}.get(said, 0.0)
    assert front.preprocessing.mean == (expected,) * 3


def test_statistics_overrule_names_and_that_is_said(found):
    front = found(trained(NORMALIZATIONS["x / 255"], "MobilenetV2", True)).front
    assert front.preprocessing.mean == (0.0,) * 3
    assert any("though its layers are named as TF-Slim" in guess for guess in front.guesses)


def test_statistics_that_agree_with_the_names_are_said_to(found):
    front = found(trained(NORMALIZATIONS["x / 127.5 - 1"], "MobilenetV2", True)).front
    assert any("TF-Slim" in g and "statistics fit" in g for g in front.guesses)


def test_without_a_batch_norm_only_the_names_are_told(found):
    def body(tf, net):
        net.classifier(tf.placeholder(tf.float32, [1, 64, 64, 3], name="input"))

    (guess,) = [g for g in found(body).front.guesses if "normalization" in g]
    assert "its names tell nothing" in guess
