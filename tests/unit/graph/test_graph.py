"""A graph answers questions about its nodes and never changes under those who hold it."""

import numpy as np
import pytest

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, has_other_outputs, is_control, node_name
from convert.graph.nodes import attribute, constant, identity, node, placeholder, renamed_inputs
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow


def graph_of(*nodes, inputs=("image",), outputs=("out",)) -> Graph:
    graph_def = tensorflow().compat.v1.GraphDef(node=nodes)
    return Graph(graph_def=graph_def, inputs=inputs, outputs=outputs)


def image(shape=(1, 2, 2, 3)):
    return placeholder("image", tensorflow().float32, shape)


def relu(name, source):
    return node("Relu", name, source, T=tensorflow().float32)


@pytest.mark.parametrize("reference", ["a/b", "a/b:0", "a/b:3", "^a/b"])
def test_every_kind_of_reference_leads_to_its_node(reference):
    assert node_name(reference) == "a/b"
    assert is_control(reference) == reference.startswith("^")


def test_an_unknown_node_is_refused_by_name():
    with pytest.raises(UnsupportedError, match="'nowhere'") as error:
        graph_of(image(), relu("out", "image")).node("nowhere:0")
    assert "inspect" in error.value.hint
    assert error.value.exit_code == 4


def test_a_node_that_reads_another_twice_is_one_consumer():
    tf = tensorflow()
    twice = node("Mul", "out", "image", "image:0", T=tf.float32)
    graph = graph_of(image(), twice)
    assert [n.name for n in graph.consumers["image"]] == ["out"]
    assert [n.name for n in graph.producers(graph.node("out"))] == ["image", "image"]


def test_control_dependencies_are_neither_consumers_nor_producers():
    waiting = relu("out", "image")
    waiting.input.append("^check")
    graph = graph_of(image(), relu("check", "image"), waiting)
    assert [n.name for n in graph.producers(graph.node("out"))] == ["image"]
    assert graph.consumers["check"] == []


def test_a_constant_is_found_behind_identities_and_nothing_else_is():
    tf = tensorflow()
    nodes = [
        constant("weights", np.float32([1, 2])),
        identity("weights/read", "weights", tf.float32),
        identity("again", "weights/read:0", tf.float32),
    ]
    graph = graph_of(image(), *nodes, relu("out", "again"))
    np.testing.assert_array_equal(graph.constant("again:0"), [1, 2])
    assert graph.constant("out") is None
    assert graph.constant("image") is None


def test_nodes_come_after_what_they_read_and_unread_ones_go():
    graph = graph_of(
        relu("out", "middle"), relu("unread", "image"), relu("middle", "image"), image()
    )
    assert list(graph.pruned().nodes) == ["image", "middle", "out"]
    assert next(iter(graph.nodes)) == "out", "the graph itself must not change"


def test_functions_that_nodes_call_stay_with_the_graph():
    tf = tensorflow()

    @tf.function(input_signature=[tf.TensorSpec((2,), tf.float32)])
    def double(x):
        return x * 2

    with tf.Graph().as_default() as built:
        x = tf.compat.v1.placeholder(tf.float32, (2,), name="image")
        tf.identity(double(x), name="out")
    graph = Graph(graph_def=built.as_graph_def(), inputs=("image",), outputs=("out",))
    again = graph.with_nodes(graph.graph_def.node)
    np.testing.assert_array_equal(function(again)(np.float32([1, 2]))[0], [2, 4])


def test_shapes_know_what_is_free():
    shapes = graph_of(image((1, None, 2, 3)), relu("out", "image")).shapes()
    assert shapes["out"] == (1, None, 2, 3)


def test_a_graph_whose_nodes_do_not_fit_is_refused_with_the_next_move():
    tf = tensorflow()
    wrong = node("MatMul", "out", "image", "image", T=tf.float32, transpose_a=False)
    with pytest.raises(UnsupportedError, match="refuses") as error:
        graph_of(image(), wrong).shapes()
    assert "preprocessing.size" in error.value.hint


def test_other_outputs_than_the_first_are_seen():
    tf = tensorflow()
    axis = constant("axis", np.int32(3))
    split = node("Split", "split", "axis", "image", T=tf.float32, num_split=3)
    first = graph_of(image(), axis, split, relu("out", "split:0"))
    third = graph_of(image(), axis, split, relu("out", "split:2"))
    assert not has_other_outputs(first, first.node("split"))
    assert has_other_outputs(third, third.node("split"))


def test_inputs_are_renamed_however_they_are_written():
    tf = tensorflow()
    reader = node("AddN", "sum", "a", "a:0", "a:1", "b", "^a", N=4, T=tf.float32)
    renamed = renamed_inputs(reader, {"a": "c:2"})
    assert list(renamed.input) == ["c:2", "c:2", "a:1", "b", "^c"]
    assert list(reader.input) == ["a", "a:0", "a:1", "b", "^a"]


def test_plain_values_become_the_attributes_that_tensorflow_reads():
    tf = tensorflow()
    assert attribute(True).b is True
    assert attribute(3).i == 3
    assert attribute(0.5).f == 0.5
    assert attribute("SAME").s == b"SAME"
    assert list(attribute([1, 2]).list.i) == [1, 2]
    assert attribute(tf.float32).type == tf.float32.as_datatype_enum
    assert attribute(attribute(3)).i == 3


def test_a_function_feeds_and_fetches_tensors_in_the_middle():
    graph = graph_of(image(), relu("middle", "image"), relu("out", "middle"))
    fed = Graph(graph_def=graph.graph_def, inputs=("middle",), outputs=("out",))
    value = np.full((1, 2, 2, 3), -1, np.float32)
    middle, out = function(fed, "middle:0", "out")(value)
    assert middle.min() == -1
    assert out.max() == 0
