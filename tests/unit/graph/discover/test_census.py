"""Ops, parameters and multiply-accumulates are those of the core that is exported."""

from collections import Counter

from convert.graph.expressible import inexpressible


def test_a_convolution_and_a_product_are_counted_by_hand(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 32, 32, 3], name="image")
        ready = tf.cast(image, tf.float32) / 255.0
        net.vector(tf.nn.conv2d(ready, net.weights(3, 3, 3, 8), 2, "SAME"), 10)

    core = found(body).core
    assert core.macs == 16 * 16 * 8 * 27 + 8 * 10
    assert core.parameters == 27 * 8 + 8 * 10 + 10
    assert core.ops == {"BiasAdd": 1, "Conv2D": 1, "MatMul": 1, "Mean": 1}
    assert core.input_shape == (1, 32, 32, 3)
    assert core.output_shape == (1, 10)


def test_a_depthwise_and_a_transposed_convolution_are_counted_by_hand(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 32, 32, 3], name="image")
        deep = tf.nn.depthwise_conv2d(image, net.weights(3, 3, 3, 2), [1, 1, 1, 1], "SAME")
        tf.nn.conv2d_transpose(deep, net.weights(2, 2, 4, 6), [1, 64, 64, 4], 2, name="out")

    assert found(body).core.macs == 32 * 32 * 6 * 9 + 32 * 32 * 6 * 2 * 2 * 4


def test_an_atrous_pair_counts_as_the_dilated_convolution_that_it_is(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 33, 33, 3], name="image")
        kernel = net.weights(3, 3, 3, 1)
        tf.nn.depthwise_conv2d(image, kernel, [1, 1, 1, 1], "SAME", rate=[4, 4])

    core = found(body).core
    assert "SpaceToBatchND" in core.ops
    assert core.macs == 33 * 33 * 3 * 9


def test_weights_that_no_output_needs_and_constants_of_shapes_are_not_parameters(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 8, 8, 3], name="image")
        net.conv(image, 4, name="unused")
        tf.reshape(net.vector(net.conv(net.conv(image, 4), 4, name="c"), 2), [1, 2], name="scores")

    assert found(body).core.parameters == 27 * 4 + 4 + 36 * 4 + 4 + 4 * 2 + 2


def test_an_op_is_named_for_the_target_that_cannot_express_it(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        net.classifier(tf.nn.depth_to_space(tf.nn.space_to_depth(tf.tan(image), 2), 2))

    cannot = found(body).core.cannot
    assert cannot == {"tflite": {"Tan": 1}, "tfjs": {"SpaceToDepth": 1}}


def test_every_op_of_a_plain_network_can_be_expressed_everywhere():
    plain = ("Conv2D", "DepthwiseConv2dNative", "FusedBatchNormV3", "Relu6", "ResizeBilinear")
    for target in ("tflite", "tfjs", "onnx"):
        assert inexpressible(target, Counter(plain)) == {}
