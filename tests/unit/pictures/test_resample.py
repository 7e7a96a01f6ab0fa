"""What changing a picture's size promises."""

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from convert.graph.tensorflow import tensorflow
from convert.pictures.resample import Corners, resample
from convert.preprocessing import Resampling, Size

CORNERS: tuple[Corners, ...] = ("align", "half_pixel", "legacy")
RNG = np.random.default_rng(1)
SIZES = [
    ((33, 33), (129, 129)),
    ((129, 97), (513, 385)),
    ((375, 500), (224, 224)),
    ((1, 7), (5, 1)),
    ((2, 3), (1, 1)),
    ((64, 64), (64, 31)),
    *(((int(a), int(b)), (int(c), int(d))) for a, b, c, d in RNG.integers(1, 200, (20, 4))),
]


def picture(size: Size, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (*size, channels)).astype(np.uint8)


def by_tensorflow(kernel: str, image: np.ndarray, size: Size, corners: Corners) -> np.ndarray:
    flags = {
        "align_corners": corners == "align",
        "half_pixel_centers": corners == "half_pixel",
    }
    resize = getattr(tensorflow().raw_ops, kernel)
    return resize(images=image[np.newaxis], size=size, **flags).numpy()[0]


@pytest.mark.parametrize("corners", CORNERS)
def test_bilinear_is_tensorflows(corners: Corners) -> None:
    for old, new in SIZES:
        image = picture(old)
        wanted = by_tensorflow("ResizeBilinear", image, new, corners)
        found = resample(image, new, Resampling(corners=corners))
        assert found.dtype == np.float32
        assert np.abs(found - wanted).max() <= 1e-4, (old, new)


@pytest.mark.parametrize("corners", CORNERS)
def test_nearest_takes_the_same_pixels_as_tensorflow(corners: Corners) -> None:
    for old, new in SIZES:
        image = picture(old, channels=1)
        wanted = by_tensorflow("ResizeNearestNeighbor", image, new, corners)
        found = resample(image, new, Resampling(method="nearest", corners=corners))
        assert np.array_equal(found, wanted), (old, new)


def test_nearest_keeps_the_dtype_and_invents_no_label() -> None:
    labels = np.array([[0, 7], [255, 1000]], np.int32)
    found = resample(labels, (9, 9), Resampling(method="nearest"))
    assert found.dtype == np.int32
    assert set(found.flat) == {0, 7, 255, 1000}


def test_a_map_without_channels_is_resized_like_one_with() -> None:
    values = RNG.random((17, 23)).astype(np.float32)
    for how in (Resampling(), Resampling(antialias=True), Resampling(method="nearest")):
        flat = resample(values, (40, 11), how)
        assert np.array_equal(flat, resample(values[..., np.newaxis], (40, 11), how)[..., 0])


def test_the_right_size_costs_no_copy() -> None:
    values = np.ones((8, 8, 21), np.float32)
    for method in ("bilinear", "nearest"):
        assert resample(values, (8, 8), Resampling(method=method)) is values


def test_antialiased_pictures_are_pillows_to_the_level() -> None:
    image = picture((375, 500))
    wanted = np.asarray(Image.fromarray(image).resize((96, 64), Image.Resampling.BILINEAR))
    assert np.array_equal(resample(image, (64, 96), Resampling(antialias=True)), wanted)


def test_antialiasing_keeps_fine_patterns_from_becoming_coarse_ones() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), 256)[None, :, None].repeat(512, 0).repeat(3, 2)
    grey = resample(stripes, (64, 64), Resampling(antialias=True))
    assert np.abs(grey - 127.5).max() < 5


def test_antialiasing_does_nothing_to_what_grows() -> None:
    values = RNG.random((9, 9, 5)).astype(np.float32)
    plain, antialiased = (
        resample(values, (30, 20), Resampling(antialias=wish)) for wish in (False, True)
    )
    assert np.allclose(plain, antialiased, atol=1e-6)


def test_antialiasing_that_no_filter_offers_is_refused() -> None:
    with pytest.raises(ValidationError, match="antialias asks for"):
        Resampling(antialias=True, corners="align")
