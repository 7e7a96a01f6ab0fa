"""The reference answers for the picture as it came, however its graph ends."""

import numpy as np
import pytest

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.runtimes.reference import Ends, Reference

PRE = Preprocessing(size=(8, 8))
POST = Postprocessing(decode="argmax", restore=Resampling(method="nearest"))
PICTURE = np.random.default_rng(1).integers(0, 3, (8, 8, 3), np.uint8)


def reference(body, *, post=POST, pre=PRE, **ends) -> Reference:
    """A graph that is fed the uint8 picture, and makes "labels" of "ready"."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        picture = tf.compat.v1.placeholder(tf.uint8, (1, None, None, 3), name="picture")
        ready = tf.cast(picture, tf.float32, name="ready")
        tf.identity(body(tf, ready), name="labels")
    names = {
        "original_input": "picture",
        "original_output": "labels",
        "start": "ready",
        "ends": {"logits": "labels"},
        "input_name": "image",
        "resized_outside": False,
    }
    whole = Graph(graph_def=graph.as_graph_def(), inputs=("picture",), outputs=("labels",))
    return Reference(whole, Ends(**{**names, **ends}), pre, post)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_labels_of_any_integer_type_are_labels(dtype: str):
    found = reference(lambda tf, ready: tf.cast(tf.argmax(ready, 3), dtype)).predict(PICTURE)
    np.testing.assert_array_equal(found, PICTURE.argmax(2))
    assert found.dtype == np.uint8


def test_labels_that_could_be_taken_for_void_are_kept_apart():
    found = reference(lambda tf, ready: tf.cast(ready[..., 0] * 150, tf.int64)).predict(PICTURE)
    assert found.max() == 300
    assert found.dtype == np.int32


def test_a_map_is_decoded_as_the_recipe_says():
    found = reference(lambda tf, ready: ready).predict(PICTURE)
    np.testing.assert_array_equal(found, PICTURE.argmax(2))


def decoded(tf, ready):
    """Softmax of logits called "logits"."""
    return tf.nn.softmax(tf.identity(tf.reduce_mean(ready, [1, 2]), name="logits"))


def test_what_the_graph_has_decoded_is_not_decoded_again():
    run = reference(decoded, post=Postprocessing(decode="softmax"), ends={"logits": "logits"})
    found = run.predict(PICTURE)
    assert found.shape == (3,)
    assert found.sum() == pytest.approx(1)
    assert np.ptp(found) > 0.01


def test_what_the_graph_leaves_undecoded_is_decoded_as_the_recipe_says():
    post = Postprocessing(decode="softmax")
    means = reference(lambda tf, ready: tf.reduce_mean(ready, [1, 2]), post=post).predict(PICTURE)
    whole = reference(decoded, post=post, ends={"logits": "logits"}).predict(PICTURE)
    np.testing.assert_allclose(means, whole, rtol=1e-5)


def test_a_graph_that_takes_any_size_is_fed_the_picture_itself():
    run = reference(lambda tf, ready: tf.argmax(ready, 3))
    large = np.repeat(np.repeat(PICTURE, 5, 0), 3, 1)
    start, _, labels = run.at_the_cut(large)
    np.testing.assert_array_equal(start[0], large)
    assert labels.shape == (40, 24)


def test_a_graph_that_only_pads_is_fed_a_picture_that_fits():
    run = reference(lambda tf, ready: tf.argmax(ready, 3), resized_outside=True)
    start, _, labels = run.at_the_cut(np.repeat(PICTURE, 4, 1))
    assert start.shape == (1, 8, 8, 3)
    np.testing.assert_array_equal(start, np.rint(start))
    assert labels.shape == (8, 32)


def test_a_graph_without_preprocessing_is_fed_what_the_recipe_prepares():
    pre = PRE.model_copy(update={"mean": (1.0,) * 3, "scale": (2.0,) * 3})
    run = reference(lambda tf, ready: ready * 1.0, pre=pre, original_input="ready")
    start, _, _ = run.at_the_cut(PICTURE)
    np.testing.assert_array_equal(start[0], (PICTURE - np.float32(1)) * 2)
