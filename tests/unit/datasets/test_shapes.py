"""The drawn scenes as a dataset."""

import numpy as np

from convert.datasets import open_split
from convert.datasets.scenes import CLASSES, SPLITS, draw_scene
from convert.recipe import DatasetChoice

CHOICE = DatasetChoice(kind="shapes")


def test_a_split_holds_the_scenes_of_its_seeds() -> None:
    dataset = open_split(CHOICE, "val", None, limit=2, classes=len(CLASSES))
    for sample, seed in zip(dataset, SPLITS["val"], strict=False):
        assert sample.name == f"scene-{seed}"
        assert np.array_equal(sample.image, draw_scene(seed).image)


def test_whole_splits_are_told_apart_in_no_time() -> None:
    digests = [open_split(CHOICE, split, None).digests() for split in SPLITS]
    assert len(set().union(*digests)) == sum(map(len, SPLITS.values()))
