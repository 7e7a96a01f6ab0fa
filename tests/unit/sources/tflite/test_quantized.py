"""A quantized file is read with its exact steps, as a float graph or held to its ranges."""

import numpy as np
import pytest

from convert.graph.run import function
from convert.sources.tflite.reader import read_tflite

F32, I32 = np.float32, np.int32
STEP, ZERO = 0.06, -10


def convolution(tools, rng, *, kind=np.int8, zero=ZERO, step=STEP, fused=0, channels=True):
    """An integer convolution: the file, what to feed LiteRT, and the same in real units."""
    limits = np.iinfo(kind)
    stored = rng.integers(limits.min, limits.max + 1, (1, 9, 7, 3)).astype(kind)
    given = (0.02, 3)
    scales = rng.uniform(0.01, 0.03, 5).astype(F32) if channels else F32(0.02)
    low = -127 if kind == np.int8 else 0
    kernel = rng.integers(low, limits.max, (5, 3, 3, 3)).astype(kind)
    middle = 0 if kind == np.int8 else 128
    bias = rng.integers(-500, 500, 5).astype(I32)
    options = tools.options("Conv2D", strideH=2, strideW=2, fusedActivationFunction=fused)
    tensors = [
        tools.fed(stored, steps=given),
        tools.Tensor(array=kernel, steps=(scales, middle, 0)),
        tools.Tensor(array=bias, steps=(scales * F32(0.02), 0, 0)),
    ]
    made = [(kind, ([step], [zero]))]
    path = tools.one("CONV_2D", *tensors, made=made, options=options, version=3)
    real = (stored.astype(F32) - given[1]) * F32(given[0])
    return path, stored, real


def test_int8_with_scales_by_channel_and_an_int32_bias(tools, rng):
    path, stored, real = convolution(tools, rng)
    wanted = tools.by_litert(path, [stored])[0]
    inside = (wanted > wanted.min()) & (wanted < wanted.max())
    found = tools.by_graph(path, [real])[0]
    assert np.abs(found - wanted)[inside].max() <= 0.51 * STEP
    held = tools.by_graph(path, [real], keep_ranges=True)[0]
    assert np.abs(held - wanted).max() <= 1.01 * STEP
    assert np.mean(np.abs(held - wanted) < 1e-4) > 0.97


def test_a_uint8_input_takes_a_picture_s_bytes(tools, rng):
    path, stored, _ = convolution(tools, rng, kind=np.uint8, zero=110, step=0.3, channels=False)
    graph = read_tflite(path).graph
    assert graph.node(graph.inputs[0]).op == "Placeholder"
    wanted = tools.by_litert(path, [stored])[0]
    held = tools.by_graph(path, [stored], keep_ranges=True)[0]
    assert np.abs(held - wanted).max() <= 1.01 * 0.3


def test_an_activation_that_only_the_range_tells_is_in_the_float_graph(tools, rng):
    """Quantizers leave Relu6 out where integers end at 0 and 6 anyway."""
    step = 6 / 255
    path, stored, real = convolution(tools, rng, zero=-128, step=step)
    graph = read_tflite(path).graph
    assert graph.node(graph.outputs[0]).op == "Relu6"
    wanted = tools.by_litert(path, [stored])[0]
    assert np.abs(function(graph)(real)[0] - wanted).max() <= 1.01 * step
    path, stored, real = convolution(tools, rng, zero=-128, step=0.1)
    assert read_tflite(path).graph.node(graph.outputs[0]).op == "Relu"


def test_the_ranges_are_told_by_node(tools, rng):
    path, *_ = convolution(tools, rng)
    model = read_tflite(path)
    (found,) = (model.ranges[name] for name in model.graph.outputs)
    assert (found.least, found.largest) == pytest.approx((-118 * STEP, 137 * STEP))
    assert found.bits == 8


@pytest.mark.parametrize("keep_ranges", [False, True])
def test_quantize_and_dequantize_at_the_ends_leave_real_numbers(tools, rng, keep_ranges):
    image = rng.uniform(-1, 1, (2, 5)).astype(F32)
    operators = [
        tools.Op(kind="QUANTIZE", inputs=(0,), outputs=(1,)),
        tools.Op(kind="RELU", inputs=(1,), outputs=(2,)),
        tools.Op(kind="DEQUANTIZE", inputs=(2,), outputs=(3,)),
    ]
    steps = ([0.01], [0])
    file = tools.File(
        tensors=[tools.fed(image)],
        operators=operators,
        made=[(np.int8, steps), (np.int8, steps), (F32,)],
        outputs=(3,),
    )
    path = tools.write(file)
    found = tools.by_graph(path, [image], keep_ranges=keep_ranges)[0]
    bound = 1e-6 if keep_ranges else 0.0051
    assert np.abs(found - tools.by_litert(path, [image])[0]).max() <= bound
    ops = [node.op for node in read_tflite(path, keep_ranges=keep_ranges).graph.graph_def.node]
    assert ops.count("FakeQuantWithMinMaxArgs") == (2 if keep_ranges else 0)


@pytest.mark.parametrize("kind", ["ADD", "MUL"])
def test_arithmetic_between_tensors_of_different_steps(tools, rng, kind):
    first, second = (rng.integers(-128, 128, (2, 3, 4)).astype(np.int8) for _ in range(2))
    tensors = tools.fed(first, steps=(0.02, 5)), tools.fed(second, steps=(0.01, -20))
    options = tools.options(kind.title())
    path = tools.one(kind, *tensors, made=[(np.int8, ([0.05], [2]))], options=options, version=2)
    real = (first.astype(F32) - 5) * F32(0.02), (second.astype(F32) + 20) * F32(0.01)
    wanted = tools.by_litert(path, [first, second])[0]
    assert np.abs(tools.by_graph(path, real, keep_ranges=True)[0] - wanted).max() <= 0.051
