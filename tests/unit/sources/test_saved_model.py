"""A SavedModel of either TensorFlow is frozen with the signature that it serves by."""

import numpy as np
import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.saved_model import files

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.normal(size=(1, 8, 8, 3)).astype(np.float32)
KERNEL = RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32)


def wanted():
    tf = tensorflow()
    return tf.nn.relu(tf.nn.conv2d(PICTURE, KERNEL, 1, "SAME"))


@pytest.fixture
def modern(tmp_path):
    """By TensorFlow 2: an object with a variable, and a signature of two outputs."""
    tf = tensorflow()
    module = tf.Module()
    module.kernel = tf.Variable(KERNEL)

    @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, name="picture")])
    def serve(picture):
        scores = tf.nn.relu(tf.nn.conv2d(picture, module.kernel, 1, "SAME"))
        return {"scores": scores, "best": tf.argmax(scores, -1)}

    tf.saved_model.save(module, str(tmp_path), signatures=serve)
    return tmp_path


@pytest.fixture
def old(tmp_path):
    """By TensorFlow 1: a session with a reference variable."""
    tf = tensorflow()
    folder = tmp_path / "old"
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        image = tf.compat.v1.placeholder(tf.float32, [None, 8, 8, 3], name="image")
        kernel = tf.compat.v1.get_variable("kernel", initializer=KERNEL, use_resource=False)
        scores = tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME"), name="scores")
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.saved_model.simple_save(
            session, str(folder), inputs={"image": image}, outputs={"scores": scores}
        )
    return folder


def test_what_tensorflow_2_saved_has_its_signatures_names(modern):
    assert detect(modern) == "saved_model"
    assert detect(modern / "saved_model.pb") == "saved_model"
    graph = SOURCES["saved_model"].read(modern)
    assert graph.inputs == ("picture",)
    assert set(graph.outputs) == {"scores", "best"}
    assert graph.shapes()["picture"] == (1, 8, 8, 3)
    found = dict(zip(graph.outputs, function(graph)(PICTURE), strict=True))
    np.testing.assert_allclose(found["scores"], wanted(), atol=1e-5)
    assert not [n for n in graph.graph_def.node if "VariableOp" in n.op or "Call" in n.op]


def test_what_tensorflow_1_saved_keeps_its_nodes_names(old):
    graph = SOURCES[detect(old)].read(old)
    assert (graph.inputs, graph.outputs) == (("image",), ("scores",))
    np.testing.assert_allclose(function(graph)(PICTURE)[0], wanted(), atol=1e-5)


def test_its_files_are_the_graph_and_the_variables(modern):
    names = {p.relative_to(modern).as_posix() for p in files(modern)}
    assert {"saved_model.pb", "variables/variables.index"} <= names


@pytest.mark.parametrize("which", ["modern", "old"])
@pytest.mark.parametrize("damage", ["no variables", "cut short"])
def test_a_folder_that_is_not_whole_is_refused_by_name(request, which, damage):
    folder = request.getfixturevalue(which)
    if damage == "no variables":
        for file in (folder / "variables").iterdir():
            file.unlink()
    else:
        file = folder / "saved_model.pb"
        file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(SourceError, match=folder.name):
        SOURCES["saved_model"].read(folder)


def test_without_a_signature_it_says_so(tmp_path):
    tf = tensorflow()
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(UnsupportedError, match="no signature 'serving_default'; it has: none"):
        SOURCES["saved_model"].read(tmp_path)
