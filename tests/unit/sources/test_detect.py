"""A file that is no frozen graph is told so at once, by its content, whatever it is called."""

import json
import random
import time

import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.tensorflow import tensorflow
from convert.sources import SOURCES
from convert.sources.detect import detect


@pytest.fixture
def graph_file(tmp_path):
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, [1, 8, 8, 3], name="image")
        tf.nn.conv2d(image, tf.ones([3, 3, 3, 4]), 1, "SAME", name="scores")
    path = tmp_path / "model.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def test_a_frozen_graph_is_recognised_and_read(graph_file):
    graph = SOURCES[detect(graph_file)].read(graph_file)
    assert {"image", "scores"} <= set(graph.nodes)


def test_a_frozen_graph_is_recognised_whatever_it_is_called(graph_file):
    renamed = graph_file.rename(graph_file.with_name("weights of (mine).bin"))
    assert detect(renamed) == "frozen_graph"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + bytes(64), "zip"),
        (b"\x1f\x8b\x08" + bytes(64), "gzip"),
        (b' {"a": 1}', "JSON"),
        (b'<?xml version="1.0"?><net/>', "XML"),
        (b'node {\n  name: "x"\n}\n', "text form"),
    ],
)
def test_another_format_is_named_and_what_is_read_is_said(tmp_path, content, said):
    path = tmp_path / "model.pb"
    path.write_bytes(content)
    with pytest.raises(UnsupportedError, match=said) as caught:
        detect(path)
    assert "frozen TensorFlow graphs" in caught.value.hint
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"\x1c\x00\x00\x00TFL3" + bytes(64), "tflite"),
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "keras"),
        (b"\x08\x07\x12\x07pytorch" + bytes(64), "onnx"),
        (b"\x08\x01\x12\xb0\x05" + bytes(64), "saved_model"),
        (json.dumps({"format": "graph-model", "modelTopology": {}}).encode(), "tfjs"),
    ],
)
def test_every_format_is_told_by_its_first_bytes(tmp_path, content, format):
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    assert detect(path) == format


def test_a_saved_models_folder_is_recognised_and_another_says_what_it_holds(tmp_path, graph_file):
    with pytest.raises(SourceError, match="is a folder") as caught:
        detect(tmp_path)
    assert "model.pb" in caught.value.hint
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    assert detect(tmp_path) == "saved_model"


def garbage(seed):
    return random.Random(seed).randbytes(100_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n", "not a frozen TensorFlow graph"),
        (b"just some text\n" * 100, "not a frozen TensorFlow graph"),
        (bytes(10_000), "not a frozen TensorFlow graph"),
        (b"\x22\x02\x08\x01", "not a frozen TensorFlow graph"),
        *((garbage(seed), "not a frozen TensorFlow graph") for seed in range(8)),
    ],
)
def test_what_is_no_model_is_a_source_error(tmp_path, content, said):
    path = tmp_path / "model.pb"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said) as caught:
        detect(path)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_file_that_is_cut_short_is_a_source_error_wherever_it_ends(graph_file, share):
    content = graph_file.read_bytes()
    graph_file.write_bytes(content[: max(1, int(len(content) * share))])
    with pytest.raises(SourceError):
        SOURCES["frozen_graph"].read(graph_file)


def test_a_file_that_ends_between_two_nodes_names_what_it_lacks(graph_file):
    tf = tensorflow()
    graph = tf.compat.v1.GraphDef.FromString(graph_file.read_bytes())
    first = next(i for i, node in enumerate(graph.node) if node.op == "Const")
    del graph.node[first]
    graph_file.write_bytes(graph.SerializeToString())
    with pytest.raises(SourceError, match="which the file does not hold"):
        SOURCES["frozen_graph"].read(graph_file)


def test_a_file_that_is_not_there_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="No such file"):
        detect(tmp_path / "nothing.pb")


def test_a_file_too_large_for_a_graph_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "model.pb"
    with path.open("wb") as file:
        file.write(b"\x0a\x10")
        file.truncate(3 * 2**30)
    begun = time.monotonic()
    with pytest.raises(SourceError, match="more than a frozen graph can have"):
        detect(path)
    assert time.monotonic() - begun < 1


def test_a_graph_with_variables_is_told_to_be_frozen(tmp_path):
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, [1, 8, 8, 3])
        kernel = tf.compat.v1.get_variable("kernel", [3, 3, 3, 4], use_resource=False)
        tf.nn.conv2d(image, kernel, 1, "SAME")
    path = tmp_path / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(UnsupportedError, match=r"not frozen.*'kernel'") as caught:
        SOURCES[detect(path)].read(path)
    assert "convert_variables_to_constants" in caught.value.hint
