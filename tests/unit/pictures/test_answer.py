"""What is made of a model's output."""

import numpy as np
import pytest
from pydantic import ValidationError

from convert.errors import UnsupportedError, UsageError
from convert.pictures.answer import Prediction
from convert.pictures.answer import answer as answer_of_all
from convert.pictures.placement import Placement, place
from convert.preprocessing import Postprocessing, Preprocessing, Resampling, Upsampling

NEAREST = Resampling(method="nearest")
RNG = np.random.default_rng(5)
WHOLE = place((6, 8), Preprocessing(size=(6, 8)))


def answer(output: np.ndarray, post: Postprocessing, placement: Placement) -> Prediction:
    return answer_of_all({"logits": output}, post, placement)


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[labels][np.newaxis]


def test_labels_come_back_at_the_pictures_size_without_the_padding() -> None:
    placement = place((60, 80), Preprocessing(size=(8, 8), resize="letterbox"))
    labels = np.full((8, 8), 3)
    labels[:6] = np.arange(8) // 4
    post = Postprocessing(decode="argmax", unpad=True, restore=NEAREST)
    found = answer(one_hot(labels, 4), post, placement)
    assert found.shape == (60, 80)
    assert found.dtype == np.uint8
    assert (found[:, :40] == 0).all()
    assert (found[:, 40:] == 1).all()


def test_a_coarse_map_is_unpadded_in_its_own_pixels() -> None:
    pre = Preprocessing(size=(64, 64), resize="letterbox", anchor="center")
    labels = np.zeros((8, 8), int)
    labels[2:6] = 1
    post = Postprocessing(decode="argmax", unpad=True, restore=NEAREST)
    assert (answer(one_hot(labels, 2), post, place((50, 100), pre)) == 1).all()


def test_upsampling_comes_before_the_decision() -> None:
    placement = place((1, 5), Preprocessing(size=(1, 5)))
    output = np.array([[[[1.0, 0.0], [0.0, 4.0]]]], np.float32)
    post = Postprocessing(
        upsample=Upsampling(size=(1, 5), resampling=Resampling(corners="align")), decode="argmax"
    )
    assert answer(output, post, placement).tolist() == [[0, 1, 1, 1, 1]]


def test_of_equal_values_the_lowest_class_wins() -> None:
    tie = np.array([1, 2, 2, 0], np.float32)
    output = np.broadcast_to(tie, (1, 6, 8, 4))
    assert (answer(output, Postprocessing(decode="argmax"), WHOLE) == 1).all()


def test_many_classes_get_larger_labels() -> None:
    labels = RNG.integers(0, 300, (6, 8))
    found = answer(one_hot(labels, 300), Postprocessing(decode="argmax"), WHOLE)
    assert np.array_equal(found, labels)
    assert found.dtype == np.int32


@pytest.mark.parametrize("shape", [(1, 6, 8, 5), (1, 5)])
def test_softmax_gives_probabilities_even_of_huge_values(shape: tuple[int, ...]) -> None:
    output = (RNG.normal(size=shape) * 1000).astype(np.float32)
    found = answer(output, Postprocessing(decode="softmax"), WHOLE)
    assert found.shape == shape[1:]
    assert np.allclose(found.sum(axis=-1), 1, atol=1e-5)


def test_sigmoid_gives_a_probability_for_each_value() -> None:
    output = np.array([[-1000, -1, 0, 1, 1000]], np.float32)
    found = answer(output, Postprocessing(decode="sigmoid"), WHOLE)
    assert found == pytest.approx([0, 0.26894, 0.5, 0.73106, 1], abs=1e-5)


def test_probabilities_are_restored_smoothly() -> None:
    placement = place((12, 16), Preprocessing(size=(6, 8)))
    output = np.zeros((1, 6, 8, 1), np.float32)
    output[:, :, 4:] = 10
    found = answer(output, Postprocessing(decode="sigmoid", restore=Resampling()), placement)
    assert found.shape == (12, 16, 1)
    assert 0.5 < found[0, 7, 0] < found[0, 8, 0] < 1


def test_an_answer_of_another_size_than_the_picture_is_an_error_with_a_way_out() -> None:
    placement = place((60, 80), Preprocessing(size=(6, 8)))
    with pytest.raises(UsageError, match=r"6x8.*60x80") as caught:
        answer(np.zeros((1, 6, 8, 2), np.float32), Postprocessing(decode="argmax"), placement)
    assert "restore" in str(caught.value.hint)


def test_an_output_that_is_no_map_and_no_scores_is_an_error() -> None:
    with pytest.raises(UnsupportedError, match=r"\(1, 6, 8\)"):
        answer(np.zeros((1, 6, 8), np.float32), Postprocessing(decode="argmax"), WHOLE)


def test_scores_stay_scores() -> None:
    with pytest.raises(UsageError, match="argmax"):
        answer(np.zeros((1, 5), np.float32), Postprocessing(decode="argmax"), WHOLE)


def test_labels_cannot_be_restored_by_mixing_them() -> None:
    with pytest.raises(ValidationError, match="nearest"):
        Postprocessing(decode="argmax", restore=Resampling())


SEVERAL = {
    "offsets": np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3),
    "heatmap": np.array([[7, 8]], np.float32),
}


def test_several_outputs_are_one_row_of_numbers_in_the_order_of_their_names() -> None:
    found = answer_of_all(SEVERAL, Postprocessing(), WHOLE)
    assert found.tolist() == [7, 8, 0, 1, 2, 3, 4, 5]
    assert found.dtype == np.float32


def test_a_map_cannot_be_decoded_where_there_are_several_outputs() -> None:
    with pytest.raises(UsageError, match="2 outputs"):
        answer_of_all(SEVERAL, Postprocessing(decode="softmax"), WHOLE)


@pytest.mark.parametrize("key", ["points", "picture"])
def test_an_output_that_is_not_named_among_several_is_an_error_that_names_them(key: str) -> None:
    with pytest.raises(UsageError, match=rf"{key}\.output.*heatmap, offsets"):
        answer_of_all(SEVERAL, Postprocessing.model_validate({key: {}}), WHOLE)


@pytest.mark.parametrize("key", ["points", "picture"])
def test_an_output_that_does_not_exist_is_an_error_that_names_those_that_do(key: str) -> None:
    post = Postprocessing.model_validate({key: {"output": "heat"}})
    with pytest.raises(UsageError, match=r"'heat'.*heatmap, offsets"):
        answer_of_all(SEVERAL, post, WHOLE)


def test_an_answer_is_of_one_kind() -> None:
    with pytest.raises(ValidationError, match="points and picture"):
        Postprocessing.model_validate({"points": {}, "picture": {}})


@pytest.mark.parametrize(
    "of_maps",
    [{"decode": "argmax"}, {"unpad": True}, {"restore": {}}, {"upsample": {"size": [9, 9]}}],
)
def test_points_are_not_decoded_as_maps_are(of_maps: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="points stands instead"):
        Postprocessing.model_validate({"points": {}, **of_maps})
