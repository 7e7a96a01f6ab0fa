"""Which boxes a detector's raw outputs become."""

from pathlib import Path

import numpy as np
import pytest

from convert.errors import UsageError
from convert.pictures.anchors import anchors
from convert.pictures.answer import answer
from convert.pictures.placement import Placement, place
from convert.pictures.prepare import prepare
from convert.pictures.read import read_picture
from convert.preprocessing import Postprocessing, Preprocessing

GRID = {"feature_maps": [[4, 4]], "interpolated_scale_aspect_ratio": 0, "fixed_anchor_size": True}
SMALL = {"feature_maps": [[4, 4]], "interpolated_scale_aspect_ratio": 0, "min_scale": 0.25}
SMALL |= {"max_scale": 0.25}
WHOLE = place((64, 64), Preprocessing(size=(64, 64)))
N = 16


def post(**keys: object) -> Postprocessing:
    decoding = {"boxes": "regressors", "scores": "scores", "anchors": GRID, **keys}
    return Postprocessing.model_validate({"boxes": decoding})


def found(
    raw: np.ndarray, scores: np.ndarray, how: Postprocessing, placement: Placement = WHOLE
) -> np.ndarray:
    outputs = {"regressors": raw.astype(np.float32), "scores": scores.astype(np.float32)}
    return answer(outputs, how, placement)


def scored(**by_anchor: float) -> np.ndarray:
    scores = np.zeros((1, N, 1))
    for name, score in by_anchor.items():
        scores[0, int(name[1:])] = score
    return scores


def test_mediapipes_boxes_are_in_input_pixels_from_the_anchors_centre() -> None:
    raw = np.zeros((1, N, 4))
    raw[0, 5] = [2, -3, 20, 10]  # x, y, width, height; the anchor's centre is at 24, 24
    how = post(order="xywh", scale=[64] * 4)
    assert found(raw, scored(a5=0.9), how) == pytest.approx(np.array([[0, 0.9, 16, 16, 26, 36]]))


def test_centre_size_coding_is_undone() -> None:
    box = np.array([10.0, 20.0, 40.0, 36.0]) / 64
    centre, sides = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    raw = np.zeros((1, N, 4))
    raw[0, 5, :2] = (centre - 24 / 64) / 0.25 * 10
    raw[0, 5, 2:] = np.log(sides / 0.25) * 5
    how = post(anchors=SMALL, scale=[10, 10, 5, 5], size_coding="exponential")
    assert found(raw, scored(a5=0.9), how)[0, 2:] == pytest.approx([10, 20, 40, 36], abs=1e-4)


@pytest.mark.parametrize("order", ["xywh", "yxhw"])
def test_key_points_follow_the_box_as_y_and_x(order: str) -> None:
    raw = np.zeros((1, N, 8))
    raw[0, 5] = [0, 0, 8, 8, 1, 2, -3, -4]
    (row,) = found(raw, scored(a5=1), post(order=order, scale=[64] * 4, keypoints=2))
    wanted = [25, 26, 21, 20] if order == "yxhw" else [26, 25, 20, 21]
    assert row[6:] == pytest.approx(wanted)


@pytest.mark.parametrize("anchor", ["top_left", "center"])
def test_boxes_come_back_to_the_pictures_pixels_without_the_padding(anchor: str) -> None:
    pre = {"size": [64, 64], "resize": "letterbox", "anchor": anchor}
    placement = place((200, 400), Preprocessing.model_validate(pre))
    top = placement.content.top
    raw = np.zeros((1, N, 4))
    raw[0, 0] = [top + 8 - 8, 16 - 8, 8, 16]
    (row,) = found(raw, scored(a0=1), post(scale=[64] * 4), placement)
    assert row[2:] == pytest.approx([25, 50, 75, 150])


def test_boxes_of_a_crop_lie_where_the_crop_lies() -> None:
    placement = place((64, 128), Preprocessing(size=(64, 64), resize="crop"))
    raw = np.zeros((1, N, 4))
    raw[0, 0] = [0, 0, 8, 8]
    (row,) = found(raw, scored(a0=1), post(scale=[64] * 4), placement)
    assert row[2:] == pytest.approx([4, 36, 12, 44])


def overlapping() -> np.ndarray:
    """Anchors 5 and 6 have nearly the same box, anchor 10 another."""
    raw = np.zeros((1, N, 4))
    raw[0, 5] = [0, 0, 16, 16]
    raw[0, 6] = [0, -16 + 2, 16, 16]
    raw[0, 10] = [16, 16, 16, 16]
    return raw


def test_of_boxes_that_cover_each_other_the_best_is_left() -> None:
    rows = found(overlapping(), scored(a5=0.7, a6=0.8, a10=0.6), post(scale=[64] * 4))
    assert rows[:, 1] == pytest.approx([0.8, 0.6])


def test_a_box_just_below_the_threshold_of_overlap_stays() -> None:
    overlap = (14 * 16) / (2 * 256 - 14 * 16)
    scores = scored(a5=0.7, a6=0.8)
    for threshold, count in ((overlap - 0.01, 1), (overlap + 0.01, 2)):
        how = post(scale=[64] * 4, iou_threshold=threshold)
        assert len(found(overlapping(), scores, how)) == count


def two_classes() -> np.ndarray:
    scores = np.zeros((1, N, 3))
    scores[0, :, 0] = 0.99  # background
    scores[0, 5] = [0, 0.7, 0.6]
    scores[0, 6] = [0, 0.1, 0.8]
    return scores


def test_boxes_of_different_classes_leave_each_other_alone() -> None:
    rows = found(overlapping(), two_classes(), post(scale=[64] * 4, background=True))
    assert rows[:, :2] == pytest.approx(np.array([[2, 0.8], [1, 0.7]]))


def test_all_classes_compete_where_the_recipe_says_so() -> None:
    how = post(scale=[64] * 4, background=True, per_class=False)
    rows = found(overlapping(), two_classes(), how)
    assert rows[:, :2] == pytest.approx(np.array([[2, 0.8]]))


def test_no_more_boxes_than_wanted_and_the_best_ones() -> None:
    how = post(scale=[64] * 4, max_detections=1)
    rows = found(overlapping(), scored(a5=0.7, a10=0.9), how)
    assert rows[:, 1] == pytest.approx([0.9])


@pytest.mark.parametrize("per_class", [True, False])
def test_a_picture_without_detections_gives_none(per_class: bool) -> None:
    rows = found(np.zeros((1, N, 6)), scored(), post(keypoints=1, per_class=per_class))
    assert rows.shape == (0, 8)
    assert rows.dtype == np.float32


def test_scores_are_clipped_and_then_probabilities() -> None:
    raw = np.zeros((1, N, 4))
    for score, wanted in ((1e9, 1), (np.log(3), 0.75)):
        (row,) = found(
            raw, scored(a3=score) - 1e9 * (scored(a3=1) == 0), post(activation="sigmoid")
        )
        assert row[1] == pytest.approx(wanted)


def test_scores_that_are_no_numbers_are_no_detections() -> None:
    assert not len(found(np.zeros((1, N, 4)), np.full((1, N, 2), np.nan), post()))


@pytest.mark.parametrize(
    ("raw", "scores", "named"),
    [
        ((1, N, 5), (1, N, 1), "regressors"),
        ((1, 9, 4), (1, N, 1), "regressors"),
        ((1, N, 4), (1, 9, 1), "scores"),
        ((1, N, 4), (1, N), "scores"),
    ],
)
def test_outputs_that_do_not_fit_the_anchors_are_named(
    raw: tuple[int, ...], scores: tuple[int, ...], named: str
) -> None:
    with pytest.raises(UsageError, match=f"{named} has shape"):
        found(np.zeros(raw), np.zeros(scores), post())


def test_an_output_that_the_recipe_misnames_is_an_error_with_the_names_there_are() -> None:
    with pytest.raises(UsageError, match=r"'boxes'.*regressors, scores"):
        found(np.zeros((1, N, 4)), scored(), post(boxes="boxes"))


SSD = {
    "boxes": "boxes",
    "scores": "scores",
    "anchors": {
        "input_size": [300, 300],
        "strides": [16, 32, 64, 128, 256, 512],
        "aspect_ratios": [1, 2, 0.5, 3, 0.3333],
        "reduce_boxes_in_lowest_layer": True,
        "step": 0.006453060545027256,
    },
    "scale": [10, 10, 5, 5],
    "size_coding": "exponential",
    "background": True,
    "score_threshold": 0.3,
    "iou_threshold": 0.6,
    "per_class": False,
    "max_detections": 10,
}


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore:Warning. Enabling `experimental_preserve_all_tensors`")
def test_an_ssds_detections_are_those_of_its_own_operator(shared: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    (file,) = (shared / "mirror").rglob("detect.tflite")
    ssd = Interpreter(str(file), experimental_preserve_all_tensors=True)
    ssd.allocate_tensors()
    named = {detail["name"]: detail for detail in ssd.get_tensor_details()}
    pre = Preprocessing(size=(300, 300))
    how = Postprocessing.model_validate({"boxes": SSD})
    counts = []
    for path in sorted((shared / "data/VOC2012/JPEGImages").glob("*.jpg"))[:12]:
        prepared = prepare(read_picture(path), pre)
        fed = prepared.tensor.round().astype(np.uint8)
        ssd.set_tensor(ssd.get_input_details()[0]["index"], fed)
        ssd.invoke()
        raw = {
            key: dequantized(ssd, named[name])
            for key, name in {"boxes": "Squeeze", "scores": "convert_scores"}.items()
        }
        rows = answer(raw, how, prepared.placement)
        boxes, classes, scores, _ = (
            ssd.get_tensor(detail["index"])[0] for detail in ssd.get_output_details()
        )
        certain = scores >= 0.3
        assert rows[:, 1] == pytest.approx(scores[certain], abs=1e-5)
        assert (rows[:, 0] == classes[certain] + 1).all()
        sides = np.tile(prepared.placement.picture, 2)
        assert rows[:, 2:] == pytest.approx(boxes[certain] * sides, abs=0.01)
        counts.append(len(rows))
    assert sum(counts) > 8


def dequantized(ssd: object, detail: dict[str, object]) -> np.ndarray:
    scale, zero = detail["quantization"]  # type: ignore[misc]
    values = ssd.get_tensor(detail["index"]).astype(np.float32)  # type: ignore[attr-defined]
    return np.asarray((values - zero) * scale, np.float32)


BLAZEFACE = {
    "boxes": "regressors",
    "scores": "classificators",
    "anchors": {
        "input_size": [128, 128],
        "strides": [8, 16, 16, 16],
        "min_scale": 0.1484375,
        "max_scale": 0.75,
        "fixed_anchor_size": True,
    },
    "order": "xywh",
    "scale": [128, 128, 128, 128],
    "keypoints": 6,
    "activation": "sigmoid",
    "iou_threshold": 0.3,
}


@pytest.mark.shared
def test_faces_are_found_within_people(shared: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    (file,) = (shared / "mirror").rglob("face_detection_short_range.bin")
    net = Interpreter(str(file))
    net.allocate_tensors()
    pre = Preprocessing(
        size=(128, 128),
        resize="letterbox",
        anchor="center",
        mean=(127.5,) * 3,
        scale=(2 / 255,) * 3,
    )
    how = Postprocessing.model_validate({"boxes": BLAZEFACE})
    faces, on_people = 0, 0
    for path in sorted((shared / "data/human/images").iterdir())[:30]:
        image = read_picture(path)
        prepared = prepare(image, pre)
        net.set_tensor(net.get_input_details()[0]["index"], prepared.tensor)
        net.invoke()
        raw = {d["name"]: net.get_tensor(d["index"]) for d in net.get_output_details()}
        for row in answer(raw, how, prepared.placement):
            top, left, bottom, right = row[2:6]
            points = row[6:].reshape(6, 2)
            inside = (points > (top, left)).all(axis=1) & (points < (bottom, right)).all(axis=1)
            assert inside[:4].all()  # eyes, nose and mouth; the ears may stick out
            eyes, mouth = points[:2, 0].mean(), points[3, 0]
            faces, on_people = faces + 1, on_people + int(eyes < mouth)
    assert faces >= 10
    assert on_people / faces > 0.9


def test_anchors_are_computed_once() -> None:
    spec = post().boxes
    assert spec is not None
    assert anchors(spec.anchors) is anchors(spec.anchors)
