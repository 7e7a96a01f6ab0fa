"""What a .tflite file's graph is called, where it ends, and how it is refused."""

import numpy as np
import pytest
from flatbuffers import flexbuffers

from convert.errors import SourceError, UnsupportedError
from convert.graph.run import function
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.examine import examine
from convert.sources.tflite.reader import read_tflite

F32, I32 = np.float32, np.int32


def relu(tools, name="image", **how):
    image = tools.Tensor(array=np.zeros((1, 4, 4, 3), F32), fed=True, name=name)
    op = tools.Op(kind="RELU", inputs=(0,), outputs=(1,))
    return tools.write(tools.File(tensors=[image], operators=[op], made=[(F32,)], **how))


def test_a_tflite_file_is_recognised_by_its_content(tools):
    path = relu(tools).rename(tools.folder / "model.bin")
    assert detect(path) == "tflite"
    assert SOURCES["tflite"].read(path).inputs == ("image",)


def test_ends_have_the_signature_s_names(tools):
    signature = {"inputs": ["picture"], "outputs": ["mask of it"]}
    graph = read_tflite(relu(tools, signature=signature)).graph
    assert (graph.inputs, graph.outputs) == (("picture",), ("mask_of_it",))


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("serving_default_x:0", "serving_default_x"),
        ("a/b;c/d", "a/b"),
        ("_hidden?", "hidden_"),
        ("", "tensor"),
    ],
)
def test_tensor_names_become_node_names(tools, name, called):
    array = tools.Tensor(array=np.zeros((1, 2), F32), fed=True, name=name or "?")
    op = tools.Op(kind="RELU", inputs=(0,), outputs=(1,))
    path = tools.write(tools.File(tensors=[array], operators=[op], made=[(F32,)]))
    assert read_tflite(path).graph.inputs == (called,)


def test_a_free_batch_stays_free(tools):
    from ai_edge_litert import schema_py_generated as schema

    path = relu(tools)
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    model.subgraphs[0].tensors[0].shapeSignature = [-1, 4, 4, 3]
    rewrite(path, model)
    graph = read_tflite(path).graph
    assert graph.shapes()["image"] == (None, 4, 4, 3)


def rewrite(path, model):
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))


@pytest.mark.parametrize("custom", [None, b""])
def test_an_operator_that_is_not_known_is_named_with_its_tensor_and_its_place(tools, custom):
    kind = "LSTM" if custom is None else "MyOwnOperator"
    ops = [
        tools.Op(kind="RELU", inputs=(0,), outputs=(1,)),
        tools.Op(kind=kind, inputs=(1,), outputs=(2,), custom=custom),
    ]
    image = tools.fed(np.zeros((1, 4), F32))
    path = tools.write(tools.File(tensors=[image], operators=ops, made=[(F32,), (F32,)]))
    with pytest.raises(UnsupportedError, match=rf"{kind} \(number 1\).*'made_1'") as caught:
        read_tflite(path)
    assert caught.value.exit_code == 4


def test_a_tensor_that_nothing_makes_is_a_source_error(tools):
    op = tools.Op(kind="ADD", inputs=(0, 1), outputs=(2,), options=tools.options("Add"))
    image = tools.fed(np.zeros((1, 4), F32))
    path = tools.write(tools.File(tensors=[image], operators=[op], made=[(F32,), (F32,)]))
    with pytest.raises(SourceError, match="which nothing before it makes"):
        read_tflite(path)


DETECTION = {
    "max_detections": 10,
    "max_classes_per_detection": 1,
    "nms_score_threshold": 0.25,
    "nms_iou_threshold": 0.6,
    "num_classes": 2,
    "y_scale": 10.0,
    "x_scale": 10.0,
    "h_scale": 5.0,
    "w_scale": 5.0,
}


def detector(tools, rng):
    """Boxes and scores from one picture; the file goes on with non-maximum suppression."""
    anchors = rng.uniform(0, 1, (8, 4)).astype(F32)
    tensors = [tools.fed(rng.standard_normal((1, 8, 7)).astype(F32)), anchors]
    sizes = np.array([4, 3], I32), np.array(2, I32)
    ops = [
        tools.Op(
            kind="SPLIT_V",
            inputs=(0, 2, 3),
            outputs=(4, 5),
            options=tools.options("SplitV", numSplits=2),
        ),
        tools.Op(
            kind="TFLite_Detection_PostProcess",
            inputs=(4, 5, 1),
            outputs=(6, 7, 8, 9),
            custom=bytes(flexbuffers.Dumps(DETECTION)),
        ),
    ]
    made = [(F32,)] * 6
    file = tools.File(tensors=[*tensors, *sizes], operators=ops, made=made, outputs=(6, 7, 8, 9))
    return tools.write(file), tensors


def test_detection_s_last_operator_is_cut_off_and_its_options_are_told(tools, rng):
    path, (image, anchors) = detector(tools, rng)
    model = read_tflite(path)
    assert model.graph.outputs == ("made_0", "made_1")
    cut_off = model.cut_off
    assert (cut_off.boxes, cut_off.scores) == model.graph.outputs
    np.testing.assert_array_equal(cut_off.anchors, anchors)
    assert (cut_off.max_detections, cut_off.classes, cut_off.regular_nms) == (10, 2, False)
    assert cut_off.score_threshold == pytest.approx(0.25)
    assert (cut_off.y_scale, cut_off.w_scale) == (10, 5)
    boxes, scores = function(model.graph)(image.array)
    np.testing.assert_array_equal(np.concatenate([boxes, scores], -1), image.array)


def test_poses_are_cut_off_before_they_are_decoded(tools, rng):
    maps = [rng.standard_normal((1, 3, 4, d)).astype(F32) for d in (17, 34, 64)]
    options = {"max_detections": 20, "nms_radius": 10.0, "score_threshold": 0.2, "stride": 16}
    ops = [tools.Op(kind="RELU", inputs=(n,), outputs=(n + 3,)) for n in range(3)]
    custom = bytes(flexbuffers.Dumps(options))
    ops.append(tools.Op(kind="PosenetDecoderOp", inputs=(3, 4, 5), outputs=(6, 7), custom=custom))
    file = tools.File(
        tensors=[tools.fed(m) for m in maps], operators=ops, made=[(F32,)] * 5, outputs=(6, 7)
    )
    model = read_tflite(tools.write(file))
    assert model.graph.outputs == ("made_0", "made_1", "made_2")
    assert (model.cut_off.heatmaps, model.cut_off.stride) == ("made_0", 16)
    assert model.cut_off.nms_radius == pytest.approx(10)


def test_a_segmenter_is_understood_from_its_graph(tools, rng):
    kernel = rng.standard_normal((21, 3, 3, 3)).astype(F32)
    image = tools.Tensor(array=np.zeros((1, 32, 32, 3), F32), fed=True, name="image")
    options = tools.options("Conv2D", strideH=1, strideW=1)
    path = tools.one("CONV_2D", image, kernel, np.zeros(21, F32), options=options)
    anatomy = examine(path)
    assert (anatomy.file.format, anatomy.task, anatomy.classes) == ("tflite", "segmentation", 21)
