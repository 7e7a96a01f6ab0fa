"""What a model is fed."""

import numpy as np
import pytest

from convert.pictures.prepare import prepare
from convert.preprocessing import Preprocessing

RNG = np.random.default_rng(3)
IMAGE = RNG.integers(0, 256, (20, 40, 3)).astype(np.uint8)
SCALE = 2 / 255


def test_pixels_are_moved_and_scaled_and_padding_is_in_pixel_units() -> None:
    pre = Preprocessing(
        size=(48, 48), resize="shrink", pad_value=127.5, mean=(127.5,) * 3, scale=(SCALE,) * 3
    )
    tensor = prepare(IMAGE, pre).tensor
    assert tensor.shape == (1, 48, 48, 3)
    assert tensor.dtype == np.float32
    assert np.allclose(tensor[0, :20, :40], IMAGE * SCALE - 1, atol=1e-6)
    assert not tensor[0, 20:].any()
    assert not tensor[0, :, 40:].any()


def test_padding_goes_through_mean_and_scale_too() -> None:
    pre = Preprocessing(
        size=(48, 48), resize="shrink", pad_value=10, mean=(4, 6, 8), scale=(1, 2, 3)
    )
    assert prepare(IMAGE, pre).tensor[0, -1, -1] == pytest.approx([6, 8, 6])


def test_bgr_models_get_their_channels_and_means_in_that_order() -> None:
    pre = Preprocessing(size=(20, 40), channels="BGR", mean=(100, 0, 0))
    tensor = prepare(IMAGE, pre).tensor[0]
    assert np.array_equal(tensor[..., 0], IMAGE[..., 2] - np.float32(100))
    assert np.array_equal(tensor[..., 2], IMAGE[..., 0])


def test_a_crop_shows_nothing_of_the_border() -> None:
    image = np.zeros((60, 100, 3), np.uint8)
    image[10:50, 30:70] = 200
    pre = Preprocessing(size=(16, 16), resize="crop", crop_fraction=2 / 3)
    assert (prepare(image, pre).tensor == 200).all()


def test_the_picture_itself_is_left_alone() -> None:
    image = IMAGE.copy()
    prepare(image, Preprocessing(size=(20, 40), mean=(5, 5, 5)))
    assert np.array_equal(image, IMAGE)
