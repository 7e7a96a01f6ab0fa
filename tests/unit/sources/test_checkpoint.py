"""A TensorFlow 1 checkpoint is frozen from its picture to its answer, without its training."""

import numpy as np
import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.sources import SOURCES
from convert.sources.checkpoint import files
from convert.sources.detect import detect

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.normal(size=(1, 8, 8, 3)).astype(np.float32)
KERNEL = RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32)


@pytest.fixture
def saved(tmp_path):
    """A classifier with its loss and its optimizer, saved in the middle of its training."""
    tf = tensorflow()
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        image = v1.placeholder(tf.float32, [None, 8, 8, 3], name="image")
        labels = v1.placeholder(tf.int32, [None], name="labels")
        kernel = v1.get_variable("kernel", initializer=KERNEL, use_resource=False)
        maps = tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME"))
        logits = tf.reduce_mean(maps, [1, 2])
        tf.nn.softmax(logits, name="predictions")
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        )
        v1.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "model.ckpt"), global_step=7)
    return tmp_path


@pytest.mark.parametrize("name", ["", "model.ckpt-7.meta", "model.ckpt-7.index"])
def test_it_is_frozen_with_its_weights_from_any_of_its_names(saved, name):
    tf, path = tensorflow(), saved / name
    assert detect(path) == "checkpoint"
    graph = SOURCES["checkpoint"].read(path)
    assert (graph.inputs, graph.outputs) == (("image",), ("predictions",))
    assert not [n.name for n in graph.graph_def.node if "gradients" in n.name]
    maps = tf.nn.relu(tf.nn.conv2d(PICTURE, KERNEL, 1, "SAME"))
    wanted = tf.nn.softmax(tf.reduce_mean(maps, [1, 2]))
    np.testing.assert_allclose(function(graph)(PICTURE)[0], wanted, atol=1e-5)


def test_its_files_begin_with_the_meta_graph(saved):
    names = [p.name for p in files(saved)]
    assert names[:2] == ["model.ckpt-7.meta", "model.ckpt-7.index"]
    assert names[2].startswith("model.ckpt-7.data-")


def test_a_part_that_is_missing_is_named(saved):
    files(saved)[2].unlink()
    with pytest.raises(SourceError, match=r"model\.ckpt-7\.data-\.\.\."):
        SOURCES["checkpoint"].read(saved)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_part_that_is_cut_short_is_refused(saved, which):
    path = files(saved)[which]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises((SourceError, UnsupportedError), match=r"model\.ckpt-7"):
        SOURCES["checkpoint"].read(saved)
