"""What TensorFlow's own converter writes is read back as the function it was written from."""

import numpy as np
import pytest

from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.sources.tflite.reader import read_tflite

SIDE = 24


@pytest.fixture(scope="module")
def network():
    """A small MobileNetV3-like segmenter with gates, a skip and two outputs."""
    tf = tensorflow()
    keras = tf.keras
    keras.utils.set_random_seed(5)
    image = keras.Input((SIDE, SIDE, 3), batch_size=None, name="image")
    x = keras.layers.Conv2D(8, 3, 2, "same")(image)
    x = keras.layers.ReLU(6)(keras.layers.BatchNormalization()(x))
    deep = keras.layers.DepthwiseConv2D(3, padding="same", dilation_rate=2)(x)
    deep = keras.layers.LeakyReLU(0.2)(deep)
    gate = keras.layers.GlobalAveragePooling2D(keepdims=True)(deep)
    gate = keras.layers.Conv2D(8, 1, activation="sigmoid")(gate)
    x = keras.layers.Add()([x, keras.layers.Multiply()([deep, gate])])
    x = keras.layers.PReLU(shared_axes=[1, 2], alpha_initializer="random_uniform")(x)
    mask = keras.layers.Conv2DTranspose(2, 3, 2, "same")(x)
    scores = keras.layers.Dense(7, activation="softmax")(keras.layers.Flatten()(x))
    return keras.Model(image, {"mask": mask, "scores": scores})


def converted(network, folder, scheme):
    tf = tensorflow()
    network.export(str(folder / "saved"), verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
    if scheme != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if scheme == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if scheme in ("int8", "uint8"):
        converter.representative_dataset = lambda: ([image] for image in pictures(20))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if scheme == "uint8":
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    path = folder / f"{scheme}.tflite"
    path.write_bytes(converter.convert())
    return path


def pictures(count):
    rng = np.random.default_rng(9)
    return [rng.uniform(-1, 1, (1, SIDE, SIDE, 3)).astype(np.float32) for _ in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "bound"),
    [("float32", 1e-5), ("float16", 0.005), ("dynamic", 0.05), ("int8", 0.08), ("uint8", 0.08)],
)
def test_a_converted_network_is_read_back(network, tmp_path, tools, scheme, bound):
    path = converted(network, tmp_path, scheme)
    graph = read_tflite(path).graph
    assert graph.inputs == ("image",)
    assert set(graph.outputs) == {"mask", "scores"}
    (image,) = pictures(1)
    given = image
    if scheme == "uint8":
        scale, zero = tools.input_steps(path)
        given = np.round(image / scale + zero).clip(0, 255).astype(np.uint8)
    true = {name: np.asarray(made) for name, made in network(image).items()}
    for name, found in zip(graph.outputs, function(graph)(given), strict=True):
        assert np.abs(found - true[name]).max() <= bound * np.ptp(true[name])


@pytest.mark.slow
def test_a_free_batch_goes_through(network, tmp_path):
    graph = read_tflite(converted(network, tmp_path, "float32")).graph
    images = np.concatenate(pictures(3))
    true = {name: np.asarray(made) for name, made in network(images).items()}
    for name, found in zip(graph.outputs, function(graph)(images), strict=True):
        np.testing.assert_allclose(found, true[name], atol=1e-4)
