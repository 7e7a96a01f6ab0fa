"""Whole ONNX networks are read with NHWC pictures and no Transpose; damage and gaps are told."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx_cases import agree, by_onnxruntime, model, node, normal, read, save, transposes

from convert.errors import SourceError, UnsupportedError
from convert.graph.fake_quant import ranges, without_fake_quant
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantizers.decide import Premises, decide
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.onnx import files
from convert.targets import onnx as target
from convert.targets.base import Export, Metadata

METADATA = Metadata(
    name="tiny",
    description="",
    license="Apache-2.0",
    labels=(),
    preprocessing=Preprocessing(size=(12, 16)),
    postprocessing=Postprocessing(),
)
PICTURE = normal(1, 12, 16, 3)


@pytest.fixture(scope="module")
def core():
    """A small segmentation network as convert's core has it."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [1, 12, 16, 3], name="image")
        x = tf.nn.relu6(tf.nn.bias_add(tf.nn.conv2d(x, normal(3, 3, 3, 8), 2, "SAME"), normal(8)))
        depthwise = tf.nn.depthwise_conv2d(x, normal(3, 3, 8, 1), [1, 1, 1, 1], "SAME")
        x = x + tf.nn.relu6(tf.nn.bias_add(depthwise, normal(8)))
        gate = tf.sigmoid(
            tf.nn.conv2d(tf.reduce_mean(x, [1, 2], True), normal(1, 1, 8, 8), 1, "SAME")
        )
        x = tf.nn.conv2d(x * gate, normal(1, 1, 8, 4), 1, "SAME")
        x = tf.raw_ops.ResizeBilinear(images=x, size=[12, 16], half_pixel_centers=True)
        tf.identity(x, name="logits")
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=("logits",))


def exported(core, folder, scheme, layout):
    pictures = [PICTURE, -PICTURE]
    job = Export(
        core=core,
        scheme=scheme,
        layout=layout,
        metadata=METADATA,
        calibration=lambda: iter(pictures),
    )
    if scheme == "uint8":
        end = float(np.abs(PICTURE).max())
        made = decide(
            core, job.calibration, Premises(answers="largest", entry=(-end, end), known={})
        )
        job = replace(job, core=made.graph, decisions=made.decisions)
    target.export(job, folder)
    return folder / "model.onnx"


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize(("scheme", "near"), [("float32", 1e-5), ("float16", 0.01)])
def test_what_convert_writes_it_reads_back_as_nhwc(core, tmp_path, layout, scheme, near):
    graph = SOURCES["onnx"].read(exported(core, tmp_path, scheme, layout))
    assert (graph.inputs, graph.outputs) == (("image",), ("logits",))
    assert graph.shapes()["image"] == (1, 12, 16, 3)
    assert not transposes(graph)
    wanted = function(core)(PICTURE)[0]
    found = function(graph)(PICTURE)[0]
    np.testing.assert_allclose(found, wanted, atol=near * np.ptp(wanted))


def test_a_quantized_file_gives_its_float_network_and_its_ranges(core, tmp_path):
    path = exported(core, tmp_path, "uint8", "NCHW")
    graph = SOURCES["onnx"].read(path)
    found = function(graph)(PICTURE)[0]
    wanted = by_onnxruntime(path, PICTURE.transpose(0, 3, 1, 2))[0].transpose(0, 2, 3, 1)
    assert np.abs(found - wanted).mean() < 0.01 * np.ptp(wanted)
    assert len(ranges(graph)) > 5
    low, high = ranges(graph)["image"]
    assert low == pytest.approx(-np.abs(PICTURE).max(), rel=0.02)
    assert high == pytest.approx(np.abs(PICTURE).max(), rel=0.02)
    plain = without_fake_quant(graph)
    original = function(core)(PICTURE)[0]
    assert np.abs(function(plain)(PICTURE)[0] - original).mean() < 0.02 * np.ptp(original)


def squeezed(shape, **how):
    """A classifier as PyTorch writes it: gate by view, flatten, shapes asked for at run time."""
    nodes = [
        node("Conv", "x", "w", output="c", pads=(1, 1, 1, 1), strides=(2, 2)),
        node("GlobalAveragePool", "c", output="p"),
        node("Flatten", "p", output="f"),
        node("Gemm", "f", "g", output="l", transB=1),
        node("Sigmoid", "l", output="s"),
        node("Shape", "c", output="shape"),
        node("Gather", "shape", "both", output="size"),
        node("Concat", "size", "ones", output="view", axis=0),
        node("Reshape", "s", "view", output="v"),
        node("Mul", "c", "v", output="m"),
        node("ReduceMean", "m", output="r", axes=(2, 3), keepdims=0),
        node("MatMul", "r", "h"),
    ]
    weights = {"w": normal(8, 3, 3, 3), "g": normal(8, 8), "h": normal(8, 5)}
    weights |= {"both": np.array([0, 1], np.int64), "ones": np.array([1, 1], np.int64)}
    return model(nodes, weights, shape, **how)


@pytest.mark.parametrize("size", [(8, 8), (10, 14)])
def test_free_sizes_stay_free_and_need_no_transpose(tmp_path, size):
    made = squeezed(("batch", 3, "height", "width"))
    graph = agree(made, tmp_path, feed=normal(1, 3, *size))
    assert graph.shapes()["x"] == (1, None, None, 3)
    assert not transposes(graph)


def test_a_map_enlarged_to_the_pictures_own_size(tmp_path):
    """As PyTorch writes `interpolate(y, size=x.shape[2:])`."""
    nodes = [
        node("Conv", "x", "w", output="c", strides=(2, 2)),
        node("Shape", "x", output="whole"),
        node("Slice", "whole", "two", "four", output="size"),
        node("Shape", "c", output="own"),
        node("Slice", "own", "zero", "two", output="kept"),
        node("Concat", "kept", "size", output="sizes", axis=0),
        node("Resize", "c", "", "", "sizes", mode="linear"),
    ]
    weights = {name: np.array([n], np.int64) for name, n in (("zero", 0), ("two", 2), ("four", 4))}
    made = model(nodes, {"w": normal(4, 3, 3, 3), **weights}, ("n", 3, "h", "w"))
    for size in ((9, 11), (12, 8)):
        assert not transposes(agree(made, tmp_path, feed=normal(1, 3, *size)))


def test_weights_of_half_precision_are_read_as_float32(tmp_path):
    nodes = [
        node("Cast", "x", output="h", to=TensorProto.FLOAT16),
        node("Conv", "h", "w", output="c"),
        node("Cast", "c", to=TensorProto.FLOAT),
    ]
    graph = agree(model(nodes, {"w": normal(4, 3, 3, 3).astype(np.float16)}), tmp_path, atol=0.05)
    assert not [n for n in graph.graph_def.node if n.op == "Cast"]


def test_an_unknown_operator_is_named_with_its_node_and_place(tmp_path):
    nodes = [node("Relu", "x", output="r"), node("NonMaxSuppression", "r", "r")]
    with pytest.raises(UnsupportedError) as caught:
        read(model(nodes), tmp_path)
    said = caught.value.message
    assert "tiny.onnx" in said
    assert "NonMaxSuppression" in said
    assert "'a NonMaxSuppression to y' (2 of 2)" in said
    assert caught.value.exit_code == 4


def test_an_operator_of_another_domain_is_named_with_it(tmp_path):
    strange = helper.make_node("Magic", ["x"], ["y"], domain="com.example")
    made = model([strange])
    made.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(UnsupportedError, match=r"Magic.*of com\.example"):
        read(made, tmp_path)


@pytest.mark.parametrize(
    "strange",
    [
        node("Resize", "x", "", "s", mode="cubic"),
        node("Conv", "x", "x"),
        node("MaxPool", "x", kernel_shape=(2, 2), dilations=(2, 2)),
        node("Elu", "x", alpha=2.0),
        node("Conv", "x", "d", group=3, strides=(2, 1)),
        node("Conv", "x", "d", group=3, strides=(2, 2), dilations=(2, 2)),
    ],
)
def test_a_setting_that_cannot_be_expressed_is_refused_with_its_node(tmp_path, strange):
    weights = {"s": np.array([1, 1, 2, 2], np.float32), "d": normal(3, 1, 3, 3)}
    with pytest.raises(UnsupportedError, match=rf"{strange.op_type}.*\(1 of 1\)"):
        read(model([strange], weights), tmp_path)


def test_an_old_opset_is_refused_by_its_number(tmp_path):
    with pytest.raises(UnsupportedError, match="opset 6"):
        read(model([node("Relu", "x")], opset=6), tmp_path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_short_is_refused_by_name(tmp_path, share):
    path = save(squeezed((1, 3, 8, 8)), tmp_path / "net.onnx")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert detect(path) == "onnx"
    with pytest.raises((SourceError, UnsupportedError), match=r"net\.onnx"):
        SOURCES["onnx"].read(path)


def test_a_weight_that_is_not_whole_is_named(tmp_path):
    made = squeezed((1, 3, 8, 8))
    made.graph.initializer[0].raw_data = made.graph.initializer[0].raw_data[:-4]
    with pytest.raises(SourceError, match=r"tiny\.onnx.*'w'"):
        read(made, tmp_path)


def apart(folder, location="net.data"):
    """A model whose weights lie in a file beside it, as PyTorch writes them."""
    path = folder / "net.onnx"
    onnx.save(
        squeezed((1, 3, 8, 8)), path, save_as_external_data=True, location="net.data",
        size_threshold=0,
    )  # fmt: skip
    return path


def test_weights_in_a_file_beside_the_model(tmp_path):
    path = apart(tmp_path)
    assert [p.name for p in files(path)] == ["net.onnx", "net.data"]
    graph, feed = SOURCES["onnx"].read(path), normal(1, 3, 8, 8)
    found = function(graph)(feed.transpose(0, 2, 3, 1))[0]
    np.testing.assert_allclose(found, by_onnxruntime(path, feed)[0], atol=1e-4)


@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_weights_beside_the_model_that_are_not_whole_are_told(tmp_path, damage):
    path = apart(tmp_path)
    data = path.with_name("net.data")
    data.unlink() if damage == "missing" else data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(SourceError, match=r"net\.onnx") as caught:
        SOURCES["onnx"].read(path)
    assert "beside it" in caught.value.hint or "again" in caught.value.hint


def test_weights_outside_of_the_models_folder_are_refused(tmp_path):
    path = apart(tmp_path)
    made = onnx.load(path, load_external_data=False)
    for tensor in made.graph.initializer:
        for entry in tensor.external_data:
            entry.value = "../net.data" if entry.key == "location" else entry.value
    path.write_bytes(made.SerializeToString())
    with pytest.raises(SourceError, match="leads outside"):
        files(path)
    with pytest.raises(SourceError):
        SOURCES["onnx"].read(path)


def test_a_tensor_that_nothing_gives_is_named(tmp_path):
    with pytest.raises(SourceError, match="reads 'nowhere'"):
        read(model([node("Add", "x", "nowhere")]), tmp_path)


def test_functions_of_the_models_own_are_taken_apart(tmp_path):
    own = helper.make_function(
        "mine", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    made = model([helper.make_node("Twice", ["x"], ["y"], domain="mine")])
    made.opset_import.append(helper.make_opsetid("mine", 1))
    made.functions.append(own)
    graph = read(made, tmp_path)
    feed = normal(1, 9, 10, 3)
    np.testing.assert_allclose(function(graph)(feed)[0], 2 * feed)


def test_an_initializer_may_stand_among_the_inputs_as_old_exporters_wrote(tmp_path):
    made = model([node("Conv", "x", "w")], {"w": normal(4, 3, 3, 3)})
    shape = numpy_helper.to_array(made.graph.initializer[0]).shape
    made.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, shape))
    assert read(made, tmp_path).inputs == ("x",)
