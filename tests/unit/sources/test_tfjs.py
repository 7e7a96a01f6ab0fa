"""A tfjs graph model is read with its own names, shapes and weights, whole or not at all."""

import json

import numpy as np
import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.targets import tfjs as target
from convert.targets.base import Export, Metadata

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.normal(size=(1, 12, 16, 3)).astype(np.float32)
METADATA = Metadata(
    name="tiny",
    description="",
    license="Apache-2.0",
    labels=(),
    preprocessing=Preprocessing(size=(12, 16)),
    postprocessing=Postprocessing(),
)


@pytest.fixture(scope="module")
def core():
    """Convolutions of both kinds with every activation that the tfjs converter fuses."""
    tf = tensorflow()
    kernels = (RANDOM.normal(size=(3, 3, i, 8)).astype(np.float32) / 5 for i in (3, 8, 8))
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [1, 12, 16, 3], name="image")
        for activation in (tf.nn.relu6, tf.nn.elu, lambda x: tf.nn.leaky_relu(x, 0.3)):
            bias = RANDOM.normal(size=8).astype(np.float32)
            x = activation(tf.nn.bias_add(tf.nn.conv2d(x, next(kernels), 1, "SAME"), bias))
        depthwise = RANDOM.normal(size=(3, 3, 8, 1)).astype(np.float32)
        x = tf.nn.depthwise_conv2d(x, depthwise, [1, 2, 2, 1], "SAME")
        x = tf.nn.relu(tf.nn.bias_add(x, RANDOM.normal(size=8).astype(np.float32)))
        x = tf.reduce_mean(x, [1, 2])
        scores = tf.matmul(x, RANDOM.normal(size=(8, 5)).astype(np.float32))
        tf.nn.bias_add(scores, RANDOM.normal(size=5).astype(np.float32), name="logits")
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=("logits",))


@pytest.fixture
def written(core, tmp_path):
    """Write the core by convert's own target."""

    def write(scheme="float32"):
        job = Export(
            core=core, scheme=scheme, layout="NHWC", metadata=METADATA, calibration=lambda: iter(())
        )
        target.export(job, tmp_path)
        return tmp_path / "model"

    return write


def edited(folder, change):
    path = folder / "model.json"
    model = json.loads(path.read_text())
    change(model)
    path.write_text(json.dumps(model))
    return folder


@pytest.mark.parametrize(("scheme", "near"), [("float32", 1e-4), ("float16", 0.02), ("uint8", 0.2)])
def test_what_convert_writes_it_reads_back(core, written, scheme, near):
    folder = written(scheme)
    assert detect(folder) == detect(folder / "model.json") == "tfjs"
    graph = SOURCES["tfjs"].read(folder)
    assert (graph.inputs, graph.outputs) == (core.inputs, core.outputs)
    assert not [n.op for n in graph.graph_def.node if "Fused" in n.op]
    wanted, found = function(core)(PICTURE)[0], function(graph)(PICTURE)[0]
    np.testing.assert_allclose(found, wanted, atol=near * max(1.0, float(np.ptp(wanted))))


def test_without_a_signature_the_ends_are_found_from_the_graph(written):
    def strip(model):
        model.pop("signature", None)
        model.pop("userDefinedMetadata", None)

    graph = SOURCES["tfjs"].read(edited(written(), strip))
    assert (graph.inputs, graph.outputs) == (("image",), ("logits",))


def test_a_free_shape_stays_free(written):
    def free(model):
        (image,) = (n for n in model["modelTopology"]["node"] if n["op"] == "Placeholder")
        for axis in (1, 2):
            image["attr"]["shape"]["shape"]["dim"][axis]["size"] = "-1"

    graph = SOURCES["tfjs"].read(edited(written(), free))
    assert graph.shapes()["image"] == (1, None, None, 3)


def test_a_missing_shard_is_named(written):
    folder = written()
    (shard,) = folder.glob("*.bin")
    shard.unlink()
    with pytest.raises(SourceError, match=shard.name) as caught:
        SOURCES["tfjs"].read(folder)
    assert "beside" in caught.value.hint


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_shard_that_is_cut_short_is_named(written, share):
    folder = written()
    (shard,) = folder.glob("*.bin")
    content = shard.read_bytes()
    shard.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SourceError, match=shard.name):
        SOURCES["tfjs"].read(folder)


def test_a_model_json_that_is_cut_short_is_named(written):
    path = written() / "model.json"
    path.write_text(path.read_text()[:-100])
    with pytest.raises(SourceError, match=r"model\.json"):
        SOURCES["tfjs"].read(path.parent)


def test_a_fused_op_that_is_not_known_is_named_with_its_node(written):
    def fuse(model):
        node = next(n for n in model["modelTopology"]["node"] if n["op"] == "_FusedConv2D")
        node["attr"]["fused_ops"]["list"]["s"][-1] = "TmV3"  # "New", in base64

    with pytest.raises(UnsupportedError, match="_FusedConv2D with New"):
        SOURCES["tfjs"].read(edited(written(), fuse))


def test_a_model_of_layers_is_told_how_to_become_one_of_graphs(tmp_path):
    path = tmp_path / "model.json"
    path.write_text('{"format": "layers-model", "modelTopology": {}, "weightsManifest": []}')
    assert detect(path) == "tfjs"
    with pytest.raises(UnsupportedError, match="layers-model") as caught:
        SOURCES["tfjs"].read(path)
    assert "tfjs_layers_model" in caught.value.hint


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "file"),
    [("96x160_32", "segm_lite_v681.tflite"), ("144x256_32", "segm_full_v679.tflite")],
)
def test_a_real_model_answers_as_its_tflite_file_does(shared, folder, file):
    from ai_edge_litert.interpreter import Interpreter

    from convert.pictures.read import read_picture
    from convert.pictures.resample import resample
    from convert.preprocessing import Resampling

    mirror = shared / "mirror"
    graph = SOURCES["tfjs"].read(next(mirror.rglob(folder)))
    interpreter = Interpreter(str(next(mirror.rglob(file))))
    interpreter.allocate_tensors()
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
    for path in sorted((shared / "data" / "human" / "images").iterdir())[:3]:
        picture = resample(read_picture(path), tuple(given["shape"][1:3]), Resampling())
        fed = (picture[np.newaxis] / 255).astype(np.float32)
        interpreter.set_tensor(given["index"], fed)
        interpreter.invoke()
        wanted = interpreter.get_tensor(made["index"])
        found = function(graph)(fed)[0]
        assert np.abs(found - wanted).max() < 1e-3 * np.ptp(wanted)
