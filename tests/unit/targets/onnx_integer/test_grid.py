"""256 values, zero among them."""

import numpy as np
import pytest

from convert.targets.onnx_integer.grid import grid


def test_the_ends_of_a_range_are_its_first_and_last_code() -> None:
    made = grid((0.0, 6.0))
    assert (made.zero_point, made.smallest) == (0, 0.0)
    assert made.largest == pytest.approx(6.0)


def test_pixels_with_zero_point_128_come_back_as_they_were() -> None:
    pixels = np.arange(256)
    values = ((pixels - 128) / 128).astype(np.float32)
    made = grid((-1.0, 127 / 128))
    assert made.zero_point == 128
    assert np.array_equal(made.codes(values), pixels)


def test_it_clips_where_its_ends_are_the_clips() -> None:
    assert grid((0.0, 6.0)).within(0, 6)
    assert grid((0.0, 4.0)).within(0, 6)
    assert not grid((0.0, 7.0)).within(0, 6)
    assert not grid((-1.0, 6.0)).within(0, np.inf)


def test_a_number_of_its_own_is_exact() -> None:
    for number in (3.0, 1 / 6, -2.5):
        made = grid((number, number))
        code = int(made.codes(np.array(number, np.float32)))
        assert (code - made.zero_point) * made.scale == pytest.approx(number, rel=1e-6)


def test_a_tensor_of_zeros_has_a_grid() -> None:
    assert grid((0.0, 0.0)).scale > 0
