"""What training left is counted, and settled so that the network answers as it should."""

from dataclasses import replace

import numpy as np
import pytest

from convert.graph.discover.inputs import find_inputs
from convert.graph.discover.leftovers import find_leftovers, settle, settled
from convert.graph.discover.probe import Probe, noise
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow


def test_every_kind_is_counted_with_examples(build):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 16, 16, 3], name="image")
        assertion = tf.raw_ops.Assert(condition=tf.reduce_all(image > 0), data=[image])
        with tf.control_dependencies([assertion]):
            checked = tf.debugging.check_numerics(image, "not finite")
        kernel = tf.identity(tf.constant(net.weights(3, 3, 3, 4)), name="weights/read")
        output = tf.stop_gradient(tf.nn.conv2d(checked, kernel, 1, "SAME"))
        tf.identity(output, name="Dropout_1b/Identity")
        tf.summary.histogram("activations", output)

    left = {leftover.kind: leftover for leftover in find_leftovers(build(body))}
    assert set(left) == {
        "assert",
        "check",
        "control_dependency",
        "dropout",
        "read_identity",
        "stop_gradient",
        "summary",
    }
    assert left["read_identity"].count == 1
    assert left["read_identity"].examples == ("weights/read",)
    assert all(leftover.says for leftover in left.values())


def dropped_out(tf, net):
    """Two dropouts, as TensorFlow 1.4 wrote them, and one as TensorFlow 2 does."""
    keep = tf.placeholder(tf.float32, [], name="keep_prob")
    x = tf.placeholder(tf.float32, [1, 8, 8, 3], name="image")
    x = net.conv(x, 4)
    for _ in range(2):
        mask = tf.floor(keep + tf.random_uniform(tf.shape(x), name="dropout/random_uniform"))
        x = net.conv(tf.multiply(x / keep, mask, name="dropout/mul"), 4)
    drawn = tf.random_uniform(tf.shape(x), name="dropout/random_uniform")
    x = tf.raw_ops.SelectV2(condition=drawn >= 0.5, t=x, e=tf.zeros_like(x))
    tf.identity(x, name="output")


def test_dropout_is_taken_out_and_its_probability_becomes_a_constant(build):
    graph = build(dropped_out)
    made = settled(graph)
    assert made.nodes["keep_prob"].op == "Const"
    assert set(made.nodes) == set(graph.nodes)
    pruned = replace(made, outputs=("output",)).pruned()
    assert not [node.name for node in pruned.graph_def.node if node.op.startswith("Random")]


def test_a_settled_graph_answers_the_same_every_time(build):
    graph = build(dropped_out)
    inputs = find_inputs(graph)
    probe = Probe(settle(graph, inputs), inputs[0])
    first, second = (probe.run(noise((8, 8)), ["output"]) for _ in range(2))
    assert np.array_equal(first[0], second[0])


def test_a_picture_may_be_named_where_its_bytes_are_real_values(build):
    def dropped_after_bytes(tf, net):
        keep = tf.placeholder(tf.float32, [], name="keep_prob")
        stored = tf.placeholder(tf.uint8, [1, 8, 8, 3], name="image")
        real = tf.multiply(tf.cast(stored, tf.float32), 1 / 127.5, name="image/real")
        tf.identity(net.conv(tf.divide(real, keep), 4), name="output")

    made = settled(build(dropped_after_bytes), "image/real")
    assert made.nodes["keep_prob"].op == "Const"
    assert made.nodes["image"].op == "Placeholder"


@pytest.fixture
def old_branches():
    """`cond` and loops as TensorFlow 1 wrote them: Switch, Merge, Enter, Exit."""
    tf1 = tensorflow().compat.v1
    tf1.disable_control_flow_v2()
    yield
    tf1.enable_control_flow_v2()


def trained_or_not(tf, net):
    training = tf.placeholder(tf.bool, [], name="is_training")
    image = tf.placeholder(tf.float32, [1, 8, 8, 3], name="image")
    inner = net.conv(image, 4)
    noisy = tf.cond(training, lambda: inner * tf.random_uniform([]) + 1.0, lambda: inner * 2.0)
    tf.identity(net.conv(noisy, 2, name="last"), name="output")


def test_a_switch_of_training_takes_the_branch_for_use(build, old_branches):
    graph = build(trained_or_not)
    made = replace(settled(graph), outputs=("output",)).pruned()
    ops = {node.op for node in made.graph_def.node}
    assert {"Switch", "Merge"} <= {node.op for node in graph.graph_def.node}
    assert not ops & {"Switch", "Merge", "RandomUniform"}


def test_taking_a_branch_changes_no_answer(build, old_branches):
    graph = build(trained_or_not)
    image = noise((8, 8)).astype(np.float32)[None]
    whole = replace(graph, inputs=("image", "is_training"), outputs=("output",))
    made = replace(settled(graph), inputs=("image",), outputs=("output",))
    (wanted,) = function(whole)(image, np.array(False))
    (answer,) = function(made)(image)
    assert np.array_equal(wanted, answer)


def test_a_loop_that_is_gone_through_several_times_is_left_as_it_is_and_ends(
    build, found, old_branches
):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [None, 16, 16, 3], name="image")
        pixels = tf.map_fn(lambda x: x / 255.0, tf.cast(image, tf.float32)[0])
        net.classifier(tf.reshape(pixels, [1, 16, 16, 3]))

    graph = build(body)
    assert settled(graph) is graph
    anatomy = found(body)
    assert anatomy.front.end in ("Cast", "image")
    assert "Enter" in anatomy.core.cannot["tflite"]


def test_a_graph_without_leftovers_is_left_alone(build):
    graph = build(lambda tf, net: net.classifier(tf.placeholder(tf.float32, [1, 8, 8, 3])))
    assert settle(graph, find_inputs(graph)) is graph
    assert find_leftovers(graph) == ()
