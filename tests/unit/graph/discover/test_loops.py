"""Loops over a batch are gone through once for a picture, and stand in the graph itself then."""

from dataclasses import replace

import numpy as np
import pytest

from convert.graph.discover.inputs import find_inputs
from convert.graph.discover.leftovers import settled
from convert.graph.discover.probe import Probe, noise
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

LOOPS = {"Enter", "Exit", "LoopCond", "NextIteration", "While", "StatelessWhile"}


@pytest.fixture(params=["frames", "functions"])
def loops(request):
    """Loops as TensorFlow 1 and as TensorFlow 2 write them."""
    tf1 = tensorflow().compat.v1
    if request.param == "frames":
        tf1.disable_control_flow_v2()
    yield request.param
    tf1.enable_control_flow_v2()


def mapped(tf, net):
    """Each picture is resized in one loop; what the network says of it is sorted in another."""
    image = tf.placeholder(tf.uint8, [None, None, None, 3], name="image")

    def resized(picture):
        return tf.image.resize_bilinear(picture[None], (24, 32))[0] / 127.5 - 1.0

    pixels = tf.map_fn(resized, tf.cast(image, tf.float32), name="prepare")
    logits = net.classifier(tf.identity(pixels, name="pixels"))
    kinds = (tf.float32, tf.int32)
    best = tf.map_fn(lambda x: tuple(tf.nn.top_k(x, 3)), logits, dtype=kinds, name="sort")
    tf.identity(best[0], name="output")
    tf.identity(best[1], name="places")


def ops(graph):
    return {node.op for node in graph.graph_def.node}


def test_a_loop_over_a_batch_is_taken_once(build, loops):
    graph = build(mapped)
    made = settled(graph)
    assert ops(graph) & LOOPS
    assert not ops(made) & (LOOPS | {"TensorListStack", "TensorArrayGatherV3", "Merge", "Switch"})


def test_taking_it_once_changes_no_answer(build, loops):
    graph = build(mapped)
    whole = replace(graph, inputs=("image",), outputs=("output", "places"))
    image = noise((40, 30))[None]
    wanted, answers = function(whole)(image), function(replace(whole, **of(settled(graph))))(image)
    for one, other in zip(wanted, answers, strict=True):
        assert np.array_equal(one, other)


def of(graph):
    return {"graph_def": graph.graph_def}


def test_what_a_loop_does_to_the_picture_is_read(found, loops):
    anatomy = found(mapped)
    assert anatomy.front.confirmed
    assert anatomy.front.preprocessing.size == (24, 32)
    assert anatomy.front.preprocessing.mean == (127.5, 127.5, 127.5)
    assert anatomy.front.preprocessing.resampling.corners == "legacy"
    assert anatomy.core.cannot == {}


def test_loops_within_a_loop_stay_where_they_are_gone_through_often(build, loops):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [None, 16, 16, 3], name="image")

        def doubled(picture):
            return tf.map_fn(lambda row: row * 2.0, picture)

        net.classifier(tf.map_fn(doubled, image))

    graph = build(body)
    made = settled(graph)
    left = [node for node in made.graph_def.node if node.op in ("LoopCond", "StatelessWhile")]
    assert len(left) == 1
    probes = [Probe(each, find_inputs(graph)[0]) for each in (graph, made)]
    wanted, answer = (p.run(noise((16, 16)), ["fc/BiasAdd"])[0] for p in probes)
    assert np.array_equal(wanted, answer)
