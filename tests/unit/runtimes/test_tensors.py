"""Values reach a file as its signature says: rounded, clipped and turned as its users would."""

import numpy as np
import pytest

from convert.errors import RuntimeFailure
from convert.runtimes.tensors import decode, encode
from convert.signature import Quantization, Signature, TensorSpec
from convert.vocabulary import DType, Layout


def signature(
    dtype: DType = "float32",
    shape: tuple[int | None, ...] = (1, 2, 3, 1),
    layout: Layout | None = "NHWC",
    quantization: Quantization | None = None,
) -> Signature:
    spec = TensorSpec(name="x", dtype=dtype, shape=shape, layout=layout, quantization=quantization)
    return Signature(inputs=(spec,), outputs=(spec,))


HALVES = Quantization(scale=0.5, zero_point=10)


def quantized(*values: float) -> list[int]:
    form = signature("uint8", (len(values),), None, HALVES)
    return encode({"x": np.array(values, np.float32)}, form)["x"].tolist()


def test_halves_go_down_so_that_a_picture_s_own_pixels_are_the_codes() -> None:
    assert quantized(0.25, 0.75, -0.25, -0.75, 1.2, -1.2) == [10, 11, 9, 8, 12, 8]


def test_what_float32_cannot_tell_from_a_half_goes_the_same_way() -> None:
    near = [float(np.nextafter(np.float32(0.25), np.float32(side))) for side in (0, 1)]
    assert quantized(*near) == [10, 10]


def test_values_out_of_range_are_clipped() -> None:
    assert quantized(1e9, -1e9, 122.5, -5.0) == [255, 0, 255, 0]


def test_an_integer_input_without_scale_takes_the_value_itself() -> None:
    form = signature("uint8", (3,), None)
    assert encode({"x": np.array([0, 254.6, 300], np.float32)}, form)["x"].tolist() == [0, 255, 255]


def test_quantized_outputs_come_back_as_real_values() -> None:
    form = signature("uint8", (3,), None, HALVES)
    found = decode({"x": np.array([0, 10, 255], np.uint8)}, form)["x"]
    assert found.dtype == np.float32
    assert found.tolist() == [-5.0, 0.0, 122.5]


def test_a_value_of_the_grid_survives_the_way_there_and_back() -> None:
    form = signature("int8", (5,), None, Quantization(scale=0.0078125, zero_point=-3))
    values = np.array([-0.9, -0.5, 0, 0.25, 0.99], np.float32) // 0.0078125 * 0.0078125
    there = encode({"x": values.astype(np.float32)}, form)
    np.testing.assert_allclose(decode(there, form)["x"], values, atol=1e-6)


def test_channels_first_files_get_and_give_channels_last_values() -> None:
    form = signature(shape=(1, 3, 4, 5), layout="NCHW")
    value = np.random.default_rng(0).normal(size=(1, 4, 5, 3)).astype(np.float32)
    there = encode({"x": value}, form)
    assert there["x"].shape == (1, 3, 4, 5)
    assert there["x"].flags.c_contiguous
    np.testing.assert_array_equal(decode(there, form)["x"], value)


def test_half_precision_inputs_are_given_as_halves() -> None:
    assert encode({"x": np.ones((1, 2, 3, 1))}, signature("float16"))["x"].dtype == np.float16


def test_a_free_dimension_takes_any_length() -> None:
    form = signature(shape=(None, 2, 3, 1))
    assert encode({"x": np.zeros((7, 2, 3, 1))}, form)["x"].shape == (7, 2, 3, 1)


def test_a_channels_first_picture_is_refused_in_channels_last_terms() -> None:
    form = signature(shape=(1, 3, 4, 5), layout="NCHW")
    with pytest.raises(RuntimeFailure, match=r"\[1, 3, 4, 5\], but the model takes \[1, 4, 5, 3\]"):
        encode({"x": np.zeros((1, 3, 4, 5))}, form)
