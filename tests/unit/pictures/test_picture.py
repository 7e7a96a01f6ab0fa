"""Which picture a model's output becomes."""

import numpy as np
import pytest
from pydantic import ValidationError

from convert.errors import UsageError
from convert.pictures.answer import answer
from convert.pictures.placement import place
from convert.preprocessing import Postprocessing, Preprocessing

WHOLE = place((2, 3), Preprocessing(size=(2, 3)))
RNG = np.random.default_rng(9)


def post(**keys: object) -> Postprocessing:
    return Postprocessing.model_validate({"picture": keys})


def test_values_become_levels_and_what_is_beyond_is_cut_off() -> None:
    output = np.broadcast_to(np.array([-1.2, 0.0, 1.0], np.float32), (1, 2, 3, 3))
    found = answer({"out": output}, post(scale=127.5, offset=127.5), WHOLE)
    assert found.shape == (2, 3, 3)
    assert found.dtype == np.uint8
    assert found[0, 0].tolist() == [0, 128, 255]


def test_every_level_survives_the_way_into_the_model_and_back() -> None:
    levels = np.arange(256, dtype=np.float32).reshape(1, 16, 16, 1).repeat(3, axis=3)
    placement = place((16, 16), Preprocessing(size=(16, 16)))
    found = answer({"out": levels / 127.5 - 1}, post(scale=127.5, offset=127.5), placement)
    assert np.array_equal(found, levels[0])


def test_bgr_outputs_become_rgb_pictures() -> None:
    output = np.broadcast_to(np.array([1, 2, 3], np.float32), (1, 2, 3, 3))
    assert answer({"out": output}, post(channels="BGR"), WHOLE)[0, 0].tolist() == [3, 2, 1]


def test_the_padding_is_cut_off_and_the_pictures_size_restored() -> None:
    pre = Preprocessing(size=(64, 64), resize="letterbox", anchor="center")
    output = np.full((1, 32, 32, 3), 200, np.float32)  # half of the input's size
    output[:, :8] = output[:, 24:] = 0
    found = answer({"out": output}, post(), place((50, 100), pre))
    assert found.shape == (50, 100, 3)
    assert (found == 200).all()


def test_what_is_no_number_is_black() -> None:
    output = np.full((1, 2, 3, 3), np.nan, np.float32)
    assert not answer({"out": output}, post(), WHOLE).any()


def test_an_output_that_is_no_picture_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"\(1, 2, 3, 1\) is no picture"):
        answer({"out": np.zeros((1, 2, 3, 1), np.float32)}, post(), WHOLE)


def test_a_cropped_picture_cannot_be_given_back_whole() -> None:
    placement = place((20, 40), Preprocessing(size=(8, 8), resize="crop"))
    with pytest.raises(UsageError, match="crop"):
        answer({"out": np.zeros((1, 8, 8, 3), np.float32)}, post(), placement)


def test_a_scale_that_leaves_nothing_of_the_picture_is_refused() -> None:
    with pytest.raises(ValidationError, match="scale: 0"):
        post(scale=0)
