"""What a drawn scene promises."""

import itertools

import numpy as np
import pytest

from convert.datasets.base import VOID
from convert.datasets.outlines import OUTLINES
from convert.datasets.scenes import CLASSES, SPLITS, TRAINING, draw_scene


def test_the_same_seed_gives_the_same_scene() -> None:
    first, second = draw_scene(7), draw_scene(7)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.mask, second.mask)


def test_sides_that_are_given_are_kept() -> None:
    scene = draw_scene(7, height=65, width=97)
    assert scene.image.shape == (65, 97, 3)
    assert scene.mask.shape == (65, 97)


def test_calibration_holds_portraits_and_landscapes_of_many_sizes() -> None:
    shapes = [draw_scene(seed).mask.shape for seed in SPLITS["calibration"]]
    assert {height > width for height, width in shapes} == {True, False}
    assert len(set(shapes)) > len(shapes) // 2


def test_every_class_and_the_void_occur_and_nothing_else() -> None:
    labels = np.concatenate([draw_scene(seed).mask.ravel() for seed in SPLITS["calibration"]])
    assert set(np.unique(labels)) == {*range(len(CLASSES)), VOID}


def test_no_two_labels_touch_without_void_between_them() -> None:
    mask = draw_scene(3).mask.astype(int)
    for one, other in ((mask[1:], mask[:-1]), (mask[:, 1:], mask[:, :-1])):
        both = (one != VOID) & (other != VOID)
        assert (one[both] == other[both]).all()


def test_no_seed_stands_in_two_splits() -> None:
    ranges = [TRAINING, *SPLITS.values()]
    for one, other in itertools.combinations(ranges, 2):
        assert one[-1] < other[0] or other[-1] < one[0]


@pytest.mark.parametrize("name", OUTLINES)
def test_an_outline_holds_its_centre_and_keeps_its_radius(name: str) -> None:
    x, y = np.meshgrid(*[np.linspace(-2, 2, 201, dtype=np.float32)] * 2)
    inside = OUTLINES[name](x, y)
    assert inside[100, 100]
    assert np.hypot(x, y)[inside].max() < 1.11
