"""A damaged file is refused at once, wherever it is damaged: it crashes nothing and never hangs."""

import random
import time

import numpy as np
import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.tensorflow import tensorflow
from convert.sources.tflite.reader import read_tflite

F32 = np.float32
PATIENCE = 2.0
"""Seconds; a whole file of this size takes a hundredth."""


@pytest.fixture(scope="module", autouse=True)
def _imported():
    """TensorFlow's import is not to be waited for."""
    tensorflow()


@pytest.fixture
def network(tools, rng):
    """A convolution, a pool and a layer that is fully connected, in eight bits."""
    steps = ([0.02], [3])
    tensors = [
        tools.fed(np.zeros((1, 9, 9, 3), np.uint8), steps=steps),
        tools.Tensor(
            array=rng.integers(0, 255, (4, 3, 3, 3)).astype(np.uint8), steps=([0.02], [128])
        ),
        tools.Tensor(array=np.zeros(4, np.int32), steps=([0.0004], [0])),
        np.array([1, 64], np.int32),
        rng.standard_normal((7, 64)).astype(F32),
    ]
    window = {"strideH": 2, "strideW": 2, "filterHeight": 2, "filterWidth": 2}
    operators = [
        tools.Op(
            kind="CONV_2D",
            inputs=(0, 1, 2),
            outputs=(5,),
            options=tools.options("Conv2D", strideH=1, strideW=1),
        ),
        tools.Op(
            kind="AVERAGE_POOL_2D",
            inputs=(5,),
            outputs=(6,),
            options=tools.options("Pool2D", padding=1, **window),
        ),
        tools.Op(kind="DEQUANTIZE", inputs=(6,), outputs=(7,)),
        tools.Op(kind="RESHAPE", inputs=(7, 3), outputs=(8,)),
        tools.Op(
            kind="FULLY_CONNECTED",
            inputs=(8, 4, -1),
            outputs=(9,),
            options=tools.options("FullyConnected"),
        ),
    ]
    shapes = (1, 9, 9, 4), (1, 4, 4, 4), (1, 4, 4, 4), (1, 64), (1, 7)
    kinds = (np.uint8, steps), (np.uint8, steps), (F32, None), (F32, None), (F32, None)
    made = [(*kind, shape) for kind, shape in zip(kinds, shapes, strict=True)]
    signature = {"inputs": ["image"], "outputs": ["scores"]}
    return tools.write(
        tools.File(
            tensors=tensors, operators=operators, made=made, outputs=(9,), signature=signature
        )
    )


def error_of(path):
    try:
        read_tflite(path)
    except (SourceError, UnsupportedError) as error:
        return error
    return None


def refused(path, content):
    """Whether a file is refused; it is one or the other, and soon."""
    path.write_bytes(content)
    begun = time.monotonic()
    error = error_of(path)
    assert time.monotonic() - begun < PATIENCE
    assert error is None or str(path) in error.message
    return error is not None


def test_the_whole_file_is_read(network):
    assert read_tflite(network).graph.outputs == ("scores",)


def test_a_file_that_is_cut_short_is_refused_wherever_it_ends(network):
    content = network.read_bytes()
    for place in range(50):
        assert refused(network, content[: len(content) * place // 50])


@pytest.mark.parametrize("seed", range(10))
def test_a_file_with_a_wrong_byte_is_read_or_refused(network, seed):
    content = network.read_bytes()
    chance = random.Random(seed)
    for _ in range(50):
        damaged = bytearray(content)
        damaged[chance.randrange(8, len(content))] = chance.randrange(256)
        refused(network, bytes(damaged))


def test_a_file_with_many_wrong_bytes_is_read_or_refused(network):
    content = network.read_bytes()
    chance = random.Random(1)
    for _ in range(100):
        damaged = bytearray(content)
        for _ in range(20):
            damaged[chance.randrange(8, len(content))] = chance.randrange(256)
        refused(network, bytes(damaged))


def test_garbage_behind_the_right_identifier_is_refused(tmp_path):
    for seed in range(20):
        content = random.Random(seed).randbytes(10_000)
        assert refused(tmp_path / "model.tflite", content[:4] + b"TFL3" + content[4:])
