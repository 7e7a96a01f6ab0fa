"""The cut takes just what lies between two tensors, and says what is in its way."""

from collections import Counter

import numpy as np
import pytest

from convert.errors import UnsupportedError
from convert.graph.cut import cut
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

SHAPE = (1, 5, 7, 3)


@pytest.fixture(scope="module")
def whole() -> Graph:
    """uint8 picture of free size -> normalised "ready" -> "scores" -> labels, with an Assert."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        picture = tf.compat.v1.placeholder(tf.uint8, (1, None, None, 3), name="picture")
        flag = tf.compat.v1.placeholder(tf.float32, (), name="flag")
        ready = tf.subtract(tf.cast(picture, tf.float32) / 127.5, 1.0, name="ready")
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(ready < 2), [picture])]):
            doubled = tf.multiply(ready, 2.0, name="doubled")
        parts = tf.split(doubled, 3, axis=3, name="parts")
        tf.concat([parts[2], parts[0]], 3, name="scores")
        tf.argmax(graph.get_tensor_by_name("scores:0"), 3, name="labels")
        tf.multiply(doubled, flag, name="flagged")
    return Graph(graph_def=graph.as_graph_def(), inputs=("picture",), outputs=("labels",))


def values() -> np.ndarray:
    return np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)


@pytest.mark.parametrize("start", ["ready", "ready:0"])
@pytest.mark.parametrize("end", ["scores", "scores:0"])
def test_the_core_computes_what_lies_between_its_ends(whole, start, end):
    core = cut(whole, start=start, ends={"logits": end}, shape=SHAPE)
    (found,) = function(core)(values())
    np.testing.assert_array_equal(found, values()[..., [2, 0]] * 2)


def test_the_ends_are_named_and_of_fixed_shape(whole):
    core = cut(whole, start="ready", ends={"maps": "scores"}, shape=SHAPE, input_name="in")
    assert (core.inputs, core.outputs) == (("in",), ("maps",))
    assert core.node("in").op == "Placeholder"
    assert core.shapes()["in"] == SHAPE
    assert core.shapes()["maps"] == (1, 5, 7, 2)


def test_the_second_output_of_a_node_can_be_an_end(whole):
    core = cut(whole, start="ready", ends={"logits": "parts:1"}, shape=SHAPE)
    np.testing.assert_array_equal(function(core)(values())[0], values()[..., 1:2] * 2)


def test_assertions_and_what_they_read_are_left_behind(whole):
    core = cut(whole, start="ready", ends={"logits": "scores"}, shape=SHAPE)
    assert not any(r.startswith("^") for n in core.graph_def.node for r in n.input)
    ops = Counter(n.op for n in core.graph_def.node)
    assert not {"Assert", "Cast", "Less", "All", "ArgMax"} & set(ops)


def test_nodes_are_not_bound_to_a_device_of_one_that_is_left_behind(whole):
    graph_def = tensorflow().compat.v1.GraphDef()
    graph_def.CopyFrom(whole.graph_def)
    bound = next(n for n in graph_def.node if n.name == "doubled")
    bound.attr["_class"].list.s.append(b"loc:@Cast")
    other = Graph(graph_def=graph_def, inputs=whole.inputs, outputs=whole.outputs)
    core = cut(other, start="ready", ends={"logits": "scores"}, shape=SHAPE)
    np.testing.assert_array_equal(function(core)(values())[0], values()[..., [2, 0]] * 2)


def test_references_written_with_their_index_lead_to_the_new_input(whole):
    graph_def = tensorflow().compat.v1.GraphDef()
    graph_def.CopyFrom(whole.graph_def)
    doubled = next(n for n in graph_def.node if n.name == "doubled")
    doubled.input[0] = "ready:0"
    other = Graph(graph_def=graph_def, inputs=whole.inputs, outputs=whole.outputs)
    core = cut(other, start="ready", ends={"logits": "scores"}, shape=SHAPE)
    assert set(core.inputs) < set(core.nodes)


def test_the_output_may_keep_the_name_of_the_end(whole):
    core = cut(whole, start="ready", ends={"scores": "scores"}, shape=SHAPE)
    assert core.outputs == ("scores",)
    np.testing.assert_array_equal(function(core)(values())[0], values()[..., [2, 0]] * 2)


def test_the_input_may_keep_the_name_of_the_start(whole):
    core = cut(whole, start="ready", ends={"logits": "scores"}, shape=SHAPE, input_name="ready")
    assert core.node("ready").op == "Placeholder"
    np.testing.assert_array_equal(function(core)(values())[0], values()[..., [2, 0]] * 2)


def test_a_cut_of_nothing_gives_back_its_input(whole):
    core = cut(whole, start="ready", ends={"logits": "ready"}, shape=SHAPE)
    np.testing.assert_array_equal(function(core)(values())[0], values())


@pytest.mark.parametrize(("start", "end"), [("reddy", "scores"), ("ready", "scors")])
def test_an_unknown_end_is_refused_by_name(whole, start, end):
    with pytest.raises(UnsupportedError, match=r"'reddy'|'scors'"):
        cut(whole, start=start, ends={"logits": end}, shape=SHAPE)


def test_a_cut_that_needs_another_input_names_it(whole):
    with pytest.raises(UnsupportedError, match=r"'ready'.*also reads flag") as error:
        cut(whole, start="ready", ends={"logits": "flagged"}, shape=SHAPE)
    assert "cut.input" in error.value.hint


def test_an_end_before_the_start_is_refused(whole):
    with pytest.raises(UnsupportedError, match=r"'scores'.*picture"):
        cut(whole, start="scores", ends={"logits": "ready"}, shape=SHAPE)


def test_a_name_of_what_is_left_behind_is_free(whole):
    core = cut(whole, start="ready", ends={"logits": "scores"}, shape=SHAPE, input_name="picture")
    assert core.inputs == ("picture",)


@pytest.mark.parametrize(
    "names", [{"input_name": "doubled"}, {"ends": {"doubled": "scores"}}], ids=["input", "output"]
)
def test_a_name_that_is_taken_is_refused(whole, names):
    with pytest.raises(UnsupportedError, match="'doubled'") as error:
        cut(whole, start="ready", shape=SHAPE, **{"ends": {"logits": "scores"}, **names})
    assert "[cut]" in error.value.hint


def test_a_core_may_have_several_ends_that_read_each_other(whole):
    core = cut(whole, start="ready", ends={"scores": "doubled", "doubled": "scores"}, shape=SHAPE)
    one = cut(whole, start="ready", ends={"only": "scores"}, shape=SHAPE)
    picture = np.random.default_rng(3).normal(size=SHAPE).astype(np.float32)
    assert core.outputs == ("scores", "doubled")
    np.testing.assert_array_equal(function(core)(picture)[1], function(one)(picture)[0])


def test_a_start_that_is_no_float_is_refused_and_not_a_crash(whole):
    core = cut(whole, start="picture", ends={"logits": "ready"}, shape=SHAPE)
    with pytest.raises(UnsupportedError, match="uint8"):
        function(core)


def test_the_original_stays_as_it_was(whole):
    before = whole.graph_def.SerializeToString(deterministic=True)
    cut(whole, start="ready", ends={"scores": "scores"}, shape=SHAPE)
    assert whole.graph_def.SerializeToString(deterministic=True) == before
