"""Each output is said to be what it probably is, with the reason, and the cut has them all."""

import pytest

from convert.anatomy import CutOff
from convert.graph.discover.discover import discover
from convert.recipe import Cut


def image(tf, side=64):
    return tf.placeholder(tf.float32, [1, side, side, 3], name="image")


def rows(tf, net, features, depth, name):
    """[1, N, depth] from two layers, as single-shot detectors join them."""
    coarse = net.conv(features, 8, name=f"{name}_coarse")
    parts = [
        tf.reshape(net.conv(each, depth, name=f"{name}_{i}", stride=1), [1, -1, depth])
        for i, each in enumerate((features, coarse))
    ]
    return tf.concat(parts, 1, name=name)


def kinds(anatomy):
    return {output.name: output.kind for output in anatomy.outputs}


def meaning(anatomy, name):
    return next(output.meaning for output in anatomy.outputs if output.name == name)


def test_boxes_and_their_scores_are_told_by_their_common_length(found):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        rows(tf, net, features, 16, "one")
        rows(tf, net, features, 1, "two")

    anatomy = found(body)
    assert kinds(anatomy) == {"one": "boxes", "two": "box_scores"}
    assert "6 key points" in meaning(anatomy, "one")
    assert (anatomy.task, anatomy.classes) == ("detection", 1)
    assert anatomy.cut.outputs == {"boxes": "one", "scores": "two"}
    assert (anatomy.cut.output, anatomy.cut.original_output) == (None, None)
    assert anatomy.core.output_shapes == {"one": (1, 1280, 16), "two": (1, 1280, 1)}


def test_four_classes_are_no_boxes_where_a_sigmoid_makes_them(found):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        rows(tf, net, features, 4, "one")
        tf.sigmoid(rows(tf, net, features, 4, "two"), name="three")

    assert kinds(found(body)) == {"one": "boxes", "three": "box_scores"}


def test_landmarks_beside_a_flag_are_not_taken_for_classes(found):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        tf.identity(net.vector(features, 63), name="points")
        tf.sigmoid(net.vector(features, 1), name="there")

    anatomy = found(body)
    assert kinds(anatomy) == {"points": "landmarks", "there": "flag"}
    assert "63 = 21 x 3" in meaning(anatomy, "points")
    assert anatomy.task == "landmarks"
    assert anatomy.cut.outputs == {"landmarks": "points", "flag": "there"}


def test_as_many_values_as_a_face_mesh_has_are_landmarks_without_any_flag(found):
    anatomy = found(lambda tf, net: net.vector(net.conv(image(tf), 8), 1404))
    assert anatomy.task == "landmarks"
    assert anatomy.cut.output == "fc/BiasAdd"
    assert anatomy.cut.output_name == "landmarks"
    assert anatomy.back.postprocessing.points.columns == 3


@pytest.mark.parametrize("classes", [63, 1000])
def test_a_vector_alone_is_still_of_classes(found, classes):
    anatomy = found(lambda tf, net: net.vector(net.conv(image(tf), 8), classes))
    assert anatomy.outputs[0].kind == "logits"
    assert (anatomy.task, anatomy.classes) == ("classification", classes)


def test_many_classes_beside_a_flag_are_still_classes(found):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        tf.identity(net.vector(features, 1000), name="classes")
        tf.sigmoid(net.vector(features, 1), name="there")

    assert kinds(found(body))["classes"] == "logits"


def test_heatmaps_offsets_and_displacements_are_told_by_how_their_depths_fit(found):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        for name, depth in {"a": 17, "b": 34, "c": 32, "d": 32}.items():
            tf.identity(net.conv(features, depth, name=f"{name}_layer"), name=name)

    anatomy = found(body)
    wanted = {"a": "heatmaps", "b": "offsets", "c": "displacements", "d": "displacements"}
    assert kinds(anatomy) == wanted
    assert (anatomy.task, anatomy.classes) == ("pose", 17)
    assert set(anatomy.cut.outputs) == {"heatmaps", "offsets", "displacements", "displacements_2"}


@pytest.mark.parametrize("last", ["sigmoid", "none"])
def test_one_value_to_a_place_is_a_mask_that_a_sigmoid_decodes(found, last):
    def body(tf, net):
        logits = net.segmenter(image(tf), classes=1)
        return tf.sigmoid(logits) if last == "sigmoid" else logits

    anatomy = found(body)
    assert anatomy.outputs[0].kind == "mask"
    assert (anatomy.task, anatomy.classes) == ("segmentation", 2)
    assert anatomy.back.postprocessing.decode == "sigmoid"
    assert anatomy.cut.output == "logits/Conv2D"


@pytest.mark.parametrize("factor", [1, 2])
def test_three_channels_of_the_pictures_size_are_a_picture(found, factor):
    def body(tf, net):
        features = net.conv(image(tf), 8, stride=1)
        large = tf.image.resize_bilinear(features, [64 * factor, 64 * factor])
        tf.identity(net.conv(large, 3, name="last", stride=1), name="out")

    anatomy = found(body)
    assert anatomy.outputs[0].kind == "picture"
    assert anatomy.task == "image"
    assert anatomy.back.postprocessing.picture is not None
    assert any("is a guess" in guess for guess in anatomy.back.guesses)


def test_three_channels_that_are_called_a_mask_are_none(found):
    def body(tf, net):
        kernel = net.weights(1, 1, 8, 3)
        tf.nn.conv2d(net.conv(image(tf), 8, stride=1), kernel, 1, "SAME", name="segments")

    assert found(body).outputs[0].kind == "logits"


def test_a_free_size_is_chosen_as_the_graph_needs_it_and_said_to_be_a_choice(found):
    def body(tf, net):
        photo = tf.placeholder(tf.float32, [1, None, None, 3], name="photo")
        small = net.conv(net.conv(photo, 8), 8, name="conv_1")
        large = tf.image.resize_bilinear(small, tf.shape(small)[1:3] * 4)
        kernel = net.weights(1, 1, 8, 3)
        tf.tanh(tf.nn.conv2d(large, kernel, 1, "SAME"), name="cartoon")

    anatomy = found(body)
    assert anatomy.front.preprocessing.size == (256, 256)
    (says,) = [guess for guess in anatomy.front.guesses if "256x256 is a choice" in guess]
    assert "multiples of 4" in says
    assert anatomy.core.output_shape == (1, 256, 256, 3)


def test_what_a_cut_off_operator_reads_is_what_it_reads_it_as(build):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        rows(tf, net, features, 4, "raw")
        rows(tf, net, features, 4, "likely")

    reads = {"boxes": "likely", "scores": "raw"}
    after = CutOff(operator="Suppress", reads=reads, options={}, says="Suppress is cut off")
    anatomy = discover(build(body), cut_off=after)
    assert kinds(anatomy) == {"likely": "boxes", "raw": "box_scores"}
    assert anatomy.cut.outputs == {"boxes": "likely", "scores": "raw"}
    assert anatomy.cut_off == after
    assert "Suppress reads it as such" in meaning(anatomy, "raw")


def test_a_detector_that_suppresses_boxes_is_cut_before_it_decodes_them(found):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        boxes = rows(tf, net, features, 4, "encodings")
        scores = tf.sigmoid(rows(tf, net, features, 5, "predictions"), name="convert_scores")
        decoded = tf.exp(boxes[0])
        chosen = tf.image.non_max_suppression(decoded, scores[0, :, 1], 10)
        tf.gather(decoded, chosen, name="detection_boxes")

    anatomy = found(body)
    assert (anatomy.task, anatomy.classes) == ("detection", 5)
    assert anatomy.cut.outputs == {"boxes": "encodings", "scores": "predictions"}
    assert anatomy.core.cannot == {}


def test_a_name_that_the_graph_has_already_is_not_taken(found):
    def body(tf, net):
        features = net.conv(image(tf), 8, name="scores")
        tf.identity(features, name="boxes")
        rows(tf, net, features, 4, "one")
        rows(tf, net, features, 2, "two")

    assert set(found(body).cut.outputs.values()) >= {"one", "two"}
    assert "boxes" not in {n for n, end in found(body).cut.outputs.items() if end == "one"}


def test_a_recipe_may_name_the_outputs(build):
    def body(tf, net):
        features = net.conv(image(tf), 8)
        rows(tf, net, features, 4, "one")
        rows(tf, net, features, 2, "two")

    anatomy = discover(build(body), given=Cut(outputs={"raw": "one_0/Relu"}))
    assert anatomy.cut.outputs == {"raw": "one_0/Relu"}
    assert anatomy.cut.original_output is None


REAL = {
    "detect.tflite": (
        {"Squeeze": "boxes", "convert_scores": "box_scores"},
        {"boxes": "Squeeze", "scores": "convert_scores"},
    ),
    "face_detection_short_range.bin": (
        {"regressors": "boxes", "classificators": "box_scores"},
        {"boxes": "regressors", "scores": "classificators"},
    ),
    "palm_detection_lite.bin": (
        {"Identity": "boxes", "Identity_1": "box_scores"},
        {"boxes": "Identity", "scores": "Identity_1"},
    ),
    "face_landmark.bin": (
        {"conv2d_21": "landmarks", "conv2d_31": "flag"},
        {"landmarks": "conv2d_21", "flag": "conv2d_31"},
    ),
    "hand_landmark_lite.bin": (
        {
            "Identity": "landmarks",
            "Identity_1": "flag",
            "Identity_2": "flag",
            "Identity_3": "landmarks",
        },
        {
            "landmarks": "Identity",
            "flag": "Identity_1",
            "handedness": "Identity_2",
            "landmarks_2": "Identity_3",
        },
    ),
    "posenet_*.tflite": (
        {
            "float_heatmaps": "heatmaps",
            "float_short_offsets": "offsets",
            "float_mid_offsets": "displacements",
        },
        {
            "heatmaps": "float_heatmaps",
            "offsets": "float_short_offsets",
            "displacements": "float_mid_offsets",
        },
    ),
    "body-pix-*.tflite": ({"float_segments": "mask"}, {}),
    "web-float16/model.json": ({"final_output": "picture"}, {}),
    "deeplabv3_257_mv_gpu.tflite": ({"ResizeBilinear_3": "logits"}, {}),
    "selfiesegmentation_*.tflite": ({"activation_10": "mask"}, {}),
    "segm_full_v679.tflite": ({"segment": "mask"}, {}),
    "mobilenet_v2_1.0_224_quant.tflite": (
        {"MobilenetV2/Predictions/Softmax": "probabilities"},
        {},
    ),
}


@pytest.mark.parametrize("pattern", REAL)
def test_the_outputs_of_real_models_are_told(shared, pattern):
    from convert.sources.examine import examine

    wanted, ends = REAL[pattern]
    (path,) = (shared / "mirror").rglob(pattern)
    anatomy = examine(path)
    assert kinds(anatomy) == wanted
    assert anatomy.cut.outputs == ends
    assert anatomy.core.cannot == {}
    assert anatomy.core.parameters > 0


@pytest.mark.parametrize(
    ("pattern", "operator", "option"),
    [
        ("detect.tflite", "TFLite_Detection_PostProcess", ("y_scale", 10.0)),
        ("posenet_*.tflite", "PosenetDecoderOp", ("stride", 16)),
    ],
)
def test_a_cut_off_operator_is_said_with_its_options(shared, pattern, operator, option):
    from convert.sources.examine import examine

    (path,) = (shared / "mirror").rglob(pattern)
    found = examine(path).cut_off
    key, value = option
    assert found.operator == operator
    assert found.options[key] == value
    assert operator in found.says
    assert key in found.says
