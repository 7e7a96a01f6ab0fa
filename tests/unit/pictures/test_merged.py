"""Boxes and scores in one output become detections in the picture's pixels."""

import numpy as np
import pytest

from convert.errors import UsageError
from convert.pictures.merged import merged
from convert.pictures.placement import place
from convert.preprocessing import MergedDecoding, Preprocessing

PLACEMENT = place((200, 100), Preprocessing(size=(64, 32)))
BOX = [16.0, 16.0, 8.0, 16.0]
"""Centre, width and height: from 12 to 20 across, from 8 to 24 down."""
ON_PICTURE = [25.0, 37.5, 75.0, 62.5]
"""Top, left, bottom and right of it, in the picture's pixels."""


def rows(*given):
    return {"rows": np.array([given], np.float32)}


def test_a_box_of_pixels_is_laid_on_the_picture():
    (found,) = merged(rows([*BOX, 0.1, 0.9]), MergedDecoding(), PLACEMENT)
    np.testing.assert_allclose(found, [1, 0.9, *ON_PICTURE], rtol=1e-5)


def test_objectness_is_a_factor_of_the_scores():
    outputs = rows([*BOX, 0.8, 0.9, 0.1], [*BOX, 0.5, 0.9, 0.1])
    (found,) = merged(outputs, MergedDecoding(objectness=True), PLACEMENT)
    np.testing.assert_allclose(found, [0, 0.72, *ON_PICTURE], rtol=1e-5)


def test_corners_fractions_and_the_other_order_of_axes_say_the_same():
    fractions = rows([0.5, 0.25, 0.25, 0.25, 0.9])
    corners = rows([12.0, 8.0, 20.0, 24.0, 0.9])
    turned = {"rows": rows([*BOX, 0.9])["rows"].transpose(0, 2, 1)}
    for outputs, how in [
        (fractions, MergedDecoding(units="fractions")),
        (corners, MergedDecoding(box="xyxy")),
        (turned, MergedDecoding(transposed=True)),
    ]:
        (found,) = merged(outputs, how, PLACEMENT)
        np.testing.assert_allclose(found, [0, 0.9, *ON_PICTURE], rtol=1e-5)


def test_covered_boxes_are_left_out_and_unlikely_ones():
    near = [BOX[0] + 1, *BOX[1:]]
    outputs = rows([*near, 0.7], [*BOX, 0.9], [5.0, 50.0, 4.0, 4.0, 0.6], [28, 60, 4, 4, 0.1])
    found = merged(outputs, MergedDecoding(), PLACEMENT)
    np.testing.assert_allclose(found[:, 1], [0.9, 0.6])


def test_an_output_without_scores_is_refused():
    with pytest.raises(UsageError, match="5 numbers"):
        merged(rows(BOX), MergedDecoding(), PLACEMENT)
    with pytest.raises(UsageError, match="6 numbers"):
        merged(rows([*BOX, 0.5]), MergedDecoding(objectness=True), PLACEMENT)
