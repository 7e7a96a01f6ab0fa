"""What a file knows of its activations' ranges is told by the nodes of its graph."""

from pathlib import Path

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.frozen_graph import read
from convert.sources.ranges import known_ranges
from convert.sources.tflite.reader import read_tflite


def frozen(folder: Path, rounded: bool) -> Path:
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        relu = tf.nn.relu6(tf.compat.v1.placeholder(tf.float32, [1, 4], name="image"), name="relu")
        if rounded:
            relu = tf.quantization.fake_quant_with_min_max_args(relu, 0.0, 5.5, name="quant")
        tf.identity(relu, name="scores")
    path = folder / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def test_simulated_rounding_tells_of_what_it_rounds_and_of_itself(tmp_path: Path) -> None:
    path = frozen(tmp_path, rounded=True)
    found = known_ranges(path, "frozen_graph")
    assert found == {"relu": (0, 5.5), "quant": (0, 5.5)}
    assert found.keys() <= read(path).nodes.keys()


def test_a_float_graph_tells_nothing(tmp_path: Path) -> None:
    assert known_ranges(frozen(tmp_path, rounded=False), "frozen_graph") == {}


def quantized(folder: Path) -> Path:
    """A picture -> convolution -> ReLU, quantized by TensorFlow's own converter."""
    tf = tensorflow()
    draw = np.random.default_rng(4)
    kernel = tf.constant(draw.normal(size=(3, 3, 3, 4)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([1, 8, 8, 3], tf.float32, name="image")])
    def network(image):
        return tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME"))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([network.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    pictures = draw.uniform(-1, 1, (5, 1, 8, 8, 3)).astype(np.float32)
    converter.representative_dataset = lambda: ([picture] for picture in pictures)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path = folder / "quantized.tflite"
    path.write_bytes(converter.convert())
    return path


def test_a_quantized_tflite_file_tells_of_its_tensors_in_real_units(tmp_path: Path) -> None:
    path = quantized(tmp_path)
    found, graph = known_ranges(path, "tflite"), read_tflite(path).graph
    assert found.keys() <= graph.nodes.keys()
    (picture,) = graph.inputs
    assert graph.node(picture).op == "Placeholder"
    assert picture not in found, "a placeholder of bytes has no real numbers"
    least, most = found[f"{picture}/real"]
    assert -1.02 < least < -0.98
    assert 0.98 < most < 1.02
    (answer,) = graph.outputs
    assert found[answer][0] == 0 < found[answer][1]


def test_a_float_tflite_file_tells_nothing(tmp_path: Path) -> None:
    tf = tensorflow()

    @tf.function(input_signature=[tf.TensorSpec([1, 4], tf.float32)])
    def network(x):
        return tf.nn.relu(x)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([network.get_concrete_function()])
    path = tmp_path / "float.tflite"
    path.write_bytes(converter.convert())
    assert known_ranges(path, "tflite") == {}
