"""Where a picture lies in an input."""

import pytest

from convert.pictures.placement import Box, place
from convert.preprocessing import Preprocessing


def test_a_letterboxed_picture_keeps_its_aspect_ratio_and_fills_one_side() -> None:
    wide = place((200, 400), Preprocessing(size=(129, 129), resize="letterbox"))
    assert wide.content == Box(top=0, left=0, height=64, width=129)  # 64.5: half to even
    tall = place((400, 100), Preprocessing(size=(144, 256), resize="letterbox"))
    assert tall.content == Box(top=0, left=0, height=144, width=36)
    less_wide = place((100, 150), Preprocessing(size=(50, 400), resize="letterbox"))
    assert less_wide.content == Box(top=0, left=0, height=50, width=75)


def test_a_centred_picture_has_padding_on_both_sides() -> None:
    pre = Preprocessing(size=(100, 100), resize="letterbox", anchor="center")
    assert place((50, 100), pre).content == Box(top=25, left=0, height=50, width=100)


def test_shrinking_leaves_what_fits_alone() -> None:
    pre = Preprocessing(size=(513, 513), resize="shrink")
    assert place((375, 500), pre).content.size == (375, 500)
    assert place((1026, 513), pre).content.size == (513, 256)


@pytest.mark.parametrize(("rounding", "side"), [("round", 85), ("floor", 85), ("ceil", 86)])
def test_sides_are_rounded_as_the_recipe_says(rounding: str, side: int) -> None:
    pre = Preprocessing.model_validate(
        {"size": (128, 128), "resize": "letterbox", "rounding": rounding}
    )
    assert place((300, 200), pre).content.width == side  # 85.33


def test_a_very_long_picture_still_has_a_pixel() -> None:
    pre = Preprocessing(size=(64, 64), resize="letterbox")
    assert place((1, 1000), pre).content.size == (1, 64)


def test_stretching_uses_the_whole_input() -> None:
    placement = place((30, 500), Preprocessing(size=(128, 64)))
    assert placement.content.size == (128, 64)
    assert placement.part.size == (30, 500)


def test_a_crop_is_a_central_square() -> None:
    pre = Preprocessing(size=(224, 224), resize="crop", crop_fraction=0.5)
    assert place((100, 200), pre).part == Box(top=25, left=75, height=50, width=50)
