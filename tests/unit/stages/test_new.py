"""`new` writes a recipe that loads as it is, and that says what it guessed."""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from convert import recipes
from convert.errors import UnsupportedError, UsageError
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing
from convert.stages.new import new

RNG = np.random.default_rng(3)


def write(path: Path, body) -> Path:
    """A frozen graph with random weights that `body(tf, conv)` builds."""
    tf = tensorflow()

    def conv(x, filters, stride=2):
        kernel = RNG.normal(size=(3, 3, int(x.shape[-1]), filters)).astype(np.float32)
        return tf.nn.conv2d(x, kernel, stride, "SAME")

    with tf.Graph().as_default() as graph:
        body(tf.compat.v1, conv)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


@contextmanager
def tensorflow_loops_of_old():
    """While loops as TensorFlow 1 froze them."""
    tf = tensorflow().compat.v1
    tf.disable_control_flow_v2()
    yield
    tf.enable_control_flow_v2()


def segmenter(classes):
    def body(tf, conv):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        picture = tf.shape(image)[1:3]
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), [64, 64])
        large = tf.image.resize_bilinear(conv(resized / 127.5 - 1.0, classes), [64, 64])
        labels = tf.cast(tf.argmax(large, 3)[..., None], tf.int32)
        tf.squeeze(tf.image.resize_nearest_neighbor(labels, picture), [3], name="labels")

    return body


def classifier(classes):
    def body(tf, conv):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="input")
        tf.nn.softmax(tf.reduce_mean(conv(image, classes), [1, 2]), name="scores")

    return body


def test_a_segmenters_recipe_loads_and_has_all_that_was_found(tmp_path):
    model = write(tmp_path / "models" / "my_net.v2.pb", segmenter(21))
    path = new(model, name=None, recipes=tmp_path / "recipes")
    recipe = recipes.load(path)
    assert path == tmp_path / "recipes" / "my-net-v2.toml"
    assert recipe.source.sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert recipe.source.bytes == model.stat().st_size
    assert 'path = "../models/my_net.v2.pb"' in path.read_text()
    assert Path(recipe.source.path).samefile(model)
    assert (recipe.task, recipe.classes, recipe.metric) == ("segmentation", 21, "miou")
    assert recipe.dataset.kind == "voc"
    assert recipe.preprocessing.size == (64, 64)
    assert recipe.preprocessing.scale == pytest.approx((1 / 127.5,) * 3)
    assert recipe.postprocessing.decode == "argmax"
    assert recipe.postprocessing.restore.corners == "legacy"
    assert set(recipe.targets) == {"tflite", "tfjs", "onnx"}
    assert all(len(target.schemes) == 3 for target in recipe.targets.values())
    assert recipe.gates.bounds("uint8").drop > recipe.gates.bounds("float32").drop
    assert recipe.license.id == "unknown"


def test_comments_say_what_is_read_what_is_guessed_and_what_else_could_be_done(tmp_path):
    model = write(tmp_path / "net.pb", segmenter(5))
    text = new(model, name="mine", recipes=tmp_path).read_text()
    assert "# In the graph: " in text
    assert "confirm it" in text
    assert "upsample = {size = [64, 64]" in text
    assert 'kind = "masks"' in text
    assert all(len(line) <= 100 for line in text.splitlines() if line.startswith("#"))


def test_a_classifiers_recipe_takes_scores_and_labels_its_guesses(tmp_path):
    path = new(write(tmp_path / "net.pb", classifier(1001)), name=None, recipes=tmp_path)
    recipe = recipes.load(path)
    assert (recipe.task, recipe.metric) == ("classification", "top_k")
    assert (recipe.dataset.kind, recipe.dataset.label_offset) == ("imagenet", 1)
    assert recipe.postprocessing.decode == "softmax"
    assert "guess" in path.read_text()


def test_a_file_name_that_says_nothing_gives_way_to_its_folders(tmp_path):
    model = write(tmp_path / "Flower Net" / "frozen_inference_graph.pb", classifier(5))
    assert new(model, name=None, recipes=tmp_path / "recipes").stem == "flower-net"


def test_a_file_outside_the_project_keeps_its_whole_path(tmp_path):
    model = write(tmp_path / "elsewhere" / "net.pb", classifier(5))
    path = new(model, name=None, recipes=tmp_path / "project" / "recipes")
    assert Path(recipes.load(path).source.path) == model.resolve()


def test_a_recipe_that_is_there_is_not_written_over(tmp_path):
    model = write(tmp_path / "net.pb", classifier(5))
    path = new(model, name="net", recipes=tmp_path)
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"net\.toml is there already"):
        new(model, name="net", recipes=tmp_path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["Net", "a/b", "../up", "net_1", "-net", "x" * 65])
def test_a_name_that_no_recipe_can_have_is_refused_with_one_that_can(tmp_path, name):
    model = write(tmp_path / "net.pb", classifier(5))
    with pytest.raises(UsageError, match="no recipe's name") as caught:
        new(model, name=name, recipes=tmp_path)
    assert "such as" in caught.value.hint
    assert not list(tmp_path.glob("*.toml"))


def test_a_model_of_no_known_task_is_compared_as_numbers(tmp_path):
    def painter(tf, conv):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="input")
        tf.tanh(conv(image, 1, stride=1), name="painted")

    model = write(tmp_path / "net.pb", painter)
    path = new(model, name=None, recipes=tmp_path)
    recipe = recipes.load(path)
    assert (recipe.task, recipe.metric, recipe.postprocessing.tensors) == ("other", "parity", True)
    assert "not told by the graph" in path.read_text()


def test_several_outputs_stand_by_name_and_need_no_truth(tmp_path):
    def body(tf, conv):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="input")
        net = conv(image, 8)
        tf.reshape(conv(net, 4 * 2), [1, -1, 4], name="regressors")
        tf.reshape(conv(net, 3 * 2), [1, -1, 3], name="classificators")

    path = new(write(tmp_path / "net.pb", body), name=None, recipes=tmp_path)
    recipe = recipes.load(path)
    assert (recipe.task, recipe.metric, recipe.classes) == ("detection", "parity", 3)
    assert recipe.cut.outputs == {"boxes": "regressors", "scores": "classificators"}
    assert recipe.postprocessing == Postprocessing()
    assert "[cut.outputs]" in path.read_text()
    assert "# boxes: probably boxes: 4 values" in path.read_text()
    assert "needs no truth" in path.read_text()


def test_a_painters_recipe_gives_pictures_that_are_compared_with_the_references(tmp_path):
    def body(tf, conv):
        image = tf.placeholder(tf.float32, [1, None, None, 3], name="photo")
        tf.tanh(conv(image, 3, stride=1), name="cartoon")

    path = new(write(tmp_path / "net.pb", body), name=None, recipes=tmp_path)
    recipe = recipes.load(path)
    assert (recipe.task, recipe.metric) == ("image", "similarity")
    assert recipe.postprocessing.picture.scale == 127.5
    assert recipe.postprocessing.picture.offset == 127.5
    assert recipe.cut.output_name == "picture"
    assert recipe.preprocessing.size == (256, 256)
    assert "256x256 is a choice" in path.read_text()


@pytest.mark.parametrize(
    ("pattern", "metric"),
    [
        ("detect.tflite", "parity"),
        ("palm_detection_lite.bin", "parity"),
        ("hand_landmark_lite.bin", "parity"),
        ("face_detection_short_range.bin", "parity"),
        ("face_landmark.bin", "parity"),
        ("posenet_*.tflite", "parity"),
        ("body-pix-*.tflite", "miou"),
        ("web-float16/model.json", "similarity"),
    ],
)
def test_real_models_of_other_answers_give_recipes_that_load(shared, tmp_path, pattern, metric):
    (model,) = (shared / "mirror").rglob(pattern)
    recipe = recipes.load(new(model, name="real", recipes=tmp_path))
    assert recipe.metric == metric
    assert not recipe.cut.missing


def test_a_graph_that_prepares_its_picture_row_by_row_is_refused(tmp_path):
    def body(tf, conv):
        image = tf.placeholder(tf.uint8, [1, 32, 32, 3], name="image")
        ready = tf.map_fn(lambda x: x / 255.0, tf.cast(image, tf.float32)[0])
        net = conv(tf.reshape(ready, [1, 32, 32, 3]), 8)
        tf.reduce_mean(net, [1, 2], name="logits")

    with tensorflow_loops_of_old():
        model = write(tmp_path / "net.pb", body)
    with pytest.raises(UnsupportedError, match="in a loop"):
        new(model, name=None, recipes=tmp_path)


def test_a_form_that_is_not_known_with_channels_last_is_refused(tmp_path):
    def body(tf, conv):
        image = tf.placeholder(tf.float32, [1, 3, 32, 32], name="input")
        net = tf.space_to_depth(image, 2, data_format="NCHW", name="folded")
        kernel = RNG.normal(size=(3, 3, 12, 10)).astype(np.float32)
        tf.reduce_mean(tf.nn.conv2d(net, kernel, 1, "SAME", data_format="NCHW"), [2, 3])

    with pytest.raises(UnsupportedError, match=r"folded.*channels first"):
        new(write(tmp_path / "net.pb", body), name=None, recipes=tmp_path)


def test_real_graphs_give_recipes_that_load(shared, tmp_path):
    for number, model in enumerate(sorted((shared / "mirror").rglob("*.pb"))):
        recipe = recipes.load(new(model, name=f"real-{number}", recipes=tmp_path))
        assert None not in recipe.cut.model_dump().values()
