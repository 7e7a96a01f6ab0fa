"""A Keras file answers as Keras does, whichever Keras wrote it."""

import numpy as np
import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.sources import SOURCES
from convert.sources.detect import detect

PICTURE = np.random.default_rng(0).normal(size=(1, 16, 16, 3)).astype(np.float32)


def network(layers, models):
    """Convolution, batch norm with statistics, depthwise, pool, scores."""
    image = layers.Input((16, 16, 3), name="image")
    x = layers.Conv2D(8, 3, 2, "same", use_bias=False)(image)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = models.Model(image, layers.Dense(5, activation="softmax", name="scores")(x))
    for weight in model.weights:
        weight.assign(np.abs(np.random.default_rng(1).normal(size=weight.shape)))
    return model


@pytest.mark.parametrize("name", ["net.keras", "net.h5", "weights (of mine).bin"])
def test_a_model_of_keras_3(tmp_path, name):
    keras = tensorflow().keras
    model = network(keras.layers, keras.models)
    saved = tmp_path / (name if name != "weights (of mine).bin" else "net.keras")
    model.save(saved)
    path = saved.rename(tmp_path / name)
    assert detect(path) == "keras"
    graph = SOURCES["keras"].read(path)
    assert (graph.inputs, graph.outputs) == (("image",), ("scores",))
    assert graph.shapes()["image"] == (1, 16, 16, 3)
    wanted = model(PICTURE, training=False)
    np.testing.assert_allclose(function(graph)(PICTURE)[0], wanted, atol=1e-5)


def test_a_model_of_keras_2(tmp_path):
    tensorflow()
    import tf_keras

    model = network(tf_keras.layers, tf_keras.models)
    model.save(tmp_path / "net.h5")
    graph = SOURCES["keras"].read(tmp_path / "net.h5")
    wanted = model(PICTURE, training=False)
    np.testing.assert_allclose(function(graph)(PICTURE)[0], wanted, atol=1e-5)


def test_a_file_of_weights_alone_is_told_so(tmp_path):
    keras = tensorflow().keras
    network(keras.layers, keras.models).save_weights(tmp_path / "net.weights.h5")
    with pytest.raises(UnsupportedError, match="weights alone") as caught:
        SOURCES["keras"].read(tmp_path / "net.weights.h5")
    assert "model.save" in caught.value.hint


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_a_file_that_is_cut_short_is_refused_by_name(tmp_path, name):
    keras = tensorflow().keras
    path = tmp_path / name
    network(keras.layers, keras.models).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises((SourceError, UnsupportedError), match=name):
        SOURCES["keras"].read(path)
