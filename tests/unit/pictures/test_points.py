"""Where the points of a model lie on the picture."""

import numpy as np
import pytest
from pydantic import ValidationError

from convert.errors import UsageError
from convert.pictures.answer import answer
from convert.pictures.placement import place
from convert.preprocessing import PointDecoding, Postprocessing, Preprocessing

STRETCHED = place((100, 400), Preprocessing(size=(200, 200)))


def post(**keys: object) -> Postprocessing:
    return Postprocessing.model_validate({"points": keys})


@pytest.mark.parametrize("shape", [(1, 6), (1, 1, 1, 6), (1, 2, 3)])
def test_a_flat_output_becomes_points_and_depth_stays(shape: tuple[int, ...]) -> None:
    output = np.array([10, 20, 5, 200, 0, -7], np.float32).reshape(shape)
    found = answer({"points": output}, post(columns=3), STRETCHED)
    assert found.tolist() == [[20, 10, 5], [400, 0, -7]]
    assert found.dtype == np.float32


def test_points_come_back_without_the_padding() -> None:
    pre = Preprocessing(size=(200, 200), resize="letterbox", anchor="center")
    output = np.array([[0, 50, 200, 150]], np.float32)
    found = answer({"points": output}, post(), place((100, 200), pre))
    assert found.tolist() == [[0, 0], [200, 100]]


def test_fractions_are_of_the_inputs_sides() -> None:
    output = np.array([[0.5, 0.25]], np.float32)
    found = answer({"points": output}, post(units="fractions"), STRETCHED)
    assert found.tolist() == [[200, 25]]


def test_the_named_output_is_taken_and_left_as_it_was() -> None:
    outputs = {"flag": np.zeros((1, 1), np.float32), "points": np.ones((1, 4), np.float32)}
    found = answer(outputs, post(output="points"), STRETCHED)
    assert found.tolist() == [[2, 0.5], [2, 0.5]]
    assert (outputs["points"] == 1).all()


def test_an_output_that_does_not_divide_is_an_error() -> None:
    with pytest.raises(UsageError, match="points of 3"):
        answer({"points": np.zeros((1, 7), np.float32)}, post(columns=3), STRETCHED)


def test_a_point_has_two_numbers_at_least() -> None:
    with pytest.raises(ValidationError, match="columns"):
        PointDecoding(columns=1)
