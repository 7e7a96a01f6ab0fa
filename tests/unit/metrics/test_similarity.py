"""How pictures are compared with the reference's."""

import numpy as np
import pytest

from convert.errors import SourceError
from convert.metrics import similarity

RNG = np.random.default_rng(6)
ROWS, COLUMNS = np.mgrid[:40, :60]
SMOOTH = np.stack([ROWS * 5, COLUMNS * 4, (ROWS + COLUMNS) * 2], axis=-1).astype(np.uint8)


def figures(found: np.ndarray, wanted: np.ndarray = SMOOTH) -> dict[str, float]:
    return dict(similarity.figures(similarity.observe(found, wanted, 1)))


def noisy(levels: int) -> np.ndarray:
    noise = RNG.integers(-levels, levels + 1, SMOOTH.shape)
    return np.clip(SMOOTH + noise, 0, 255).astype(np.uint8)


def test_psnr_is_that_of_its_formula() -> None:
    wanted = np.full((20, 20, 3), 100, np.uint8)
    assert figures(wanted + np.uint8(5), wanted)["psnr"] == pytest.approx(20 * np.log10(255 / 5))


def test_equal_pictures_have_a_hundred_decibels_so_that_a_mean_stays_a_number() -> None:
    assert figures(SMOOTH) == {"ssim": 1, "psnr": 100}


def test_more_noise_is_less_similar() -> None:
    falling = [figures(noisy(levels)) for levels in (2, 10, 40)]
    for name in ("ssim", "psnr"):
        values = [one[name] for one in falling]
        assert values == sorted(values, reverse=True)
        assert values[0] > values[-1]


def test_a_picture_that_is_the_opposite_is_not_worse_than_nothing() -> None:
    stripes = np.zeros((40, 40, 3), np.uint8)
    stripes[::2] = 255
    assert figures(255 - stripes, stripes)["ssim"] == 0


def test_pictures_count_alike_whatever_their_size() -> None:
    small = SMOOTH[:20, :20]
    both = similarity.observe(small, small, 1) + similarity.observe(noisy(40), SMOOTH, 1)
    mean = (1 + figures(noisy(40))["ssim"]) / 2
    assert similarity.figures(both)["ssim"] == pytest.approx(mean, abs=0.01)


def test_two_levels_off_is_agreed_and_three_is_not() -> None:
    found = np.full((2, 2, 3), 100, np.uint8)
    found[0, 0, 1], found[1, 1, 2] = 98, 103
    assert similarity.agreement(found, np.full((2, 2, 3), 100, np.uint8), 0) == (3, 4)


def test_a_picture_smaller_than_the_window_is_named() -> None:
    tiny = SMOOTH[:10]
    with pytest.raises(SourceError, match="10x60"):
        similarity.observe(tiny, tiny, 1)
