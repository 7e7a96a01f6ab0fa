"""The settings of a detector's anchors are found from the anchors themselves."""

import numpy as np
import pytest

from convert.graph.discover.anchor_grid import fit_anchors
from convert.pictures.anchors import anchors
from convert.preprocessing import AnchorSpec

SIZE = (300, 300)
RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)


@pytest.mark.parametrize(
    "spec",
    [
        AnchorSpec(
            input_size=SIZE,
            strides=(16, 32, 64, 128, 256, 512),
            aspect_ratios=RATIOS,
            reduce_boxes_in_lowest_layer=True,
        ),
        AnchorSpec(input_size=SIZE, strides=(8, 16, 32), min_scale=0.15, max_scale=0.75),
        AnchorSpec(
            feature_maps=((7, 5), (4, 3)), aspect_ratios=RATIOS, interpolated_scale_aspect_ratio=0
        ),
        AnchorSpec(feature_maps=((6, 6), (4, 4), (1, 1)), aspect_ratios=RATIOS),
    ],
)
def test_the_same_anchors_are_made_again(spec):
    grid = anchors(spec).astype(np.float64)
    found = fit_anchors(grid, SIZE)
    assert found
    np.testing.assert_allclose(anchors(found), grid, atol=1e-5)
    assert bool(found.strides) == bool(spec.strides)


def test_what_is_no_such_grid_is_not_said_to_be_one():
    boxes = np.random.default_rng(3).uniform(0.1, 0.9, (40, 4))
    assert fit_anchors(boxes, SIZE) is None
    assert fit_anchors(np.zeros((4, 4)), SIZE) is None
