"""The pictures that are shown are those on which a file loses most against the reference."""

from pathlib import Path

import numpy as np
import pytest

from convert import recipes
from convert.datasets import open_split
from convert.datasets.base import Dataset
from convert.metrics import METRICS
from convert.observations import Observations, label_writer, stacked
from convert.progress import Silence
from convert.recipe import DatasetChoice
from convert.stages.verify import Predict, verify
from convert.stages.worst import answer_of, choose, paired_losses, worst
from convert.vocabulary import VOID

MIOU = METRICS["miou"]
PICTURES = 5


@pytest.fixture(scope="module")
def split() -> Dataset:
    choice = DatasetChoice(kind="shapes")
    return open_split(choice, choice.evaluation, None, PICTURES, 8)


def seen(split: Dataset, predict: Predict, labels: Path | None = None) -> Observations:
    from convert.observations import load_labels

    return verify(
        predict, split, MIOU, 8,
        reference=load_labels(labels) if labels else None, label="", progress=Silence(),
    )  # fmt: skip


@pytest.fixture
def truths(split: Dataset) -> dict[bytes, np.ndarray]:
    return {one.image.tobytes(): np.asarray(one.truth) for one in split}


@pytest.fixture
def labels(split: Dataset, truths: dict[bytes, np.ndarray], tmp_path: Path) -> Path:
    """What a reference that is always right said."""
    path = tmp_path / "labels.npz"
    with label_writer(path) as keep:
        for one in split:
            keep(np.asarray(one.truth))
    return path


def wrong_on(truths: dict[bytes, np.ndarray], bad: dict[int, float]) -> Predict:
    """Right everywhere but in the upper part of some pictures, by their place in the split."""
    places = list(truths)

    def predict(image: np.ndarray) -> np.ndarray:
        found = truths[image.tobytes()].copy()
        share = bad.get(places.index(image.tobytes()), 0.0)
        found[: int(share * len(found))] = 7
        return found

    return predict


def test_the_worst_come_first_and_the_equal_do_not_come(
    split: Dataset, truths: dict[bytes, np.ndarray], labels: Path
) -> None:
    predict = wrong_on(truths, {3: 0.9, 1: 0.4})
    reference = seen(split, wrong_on(truths, {}))
    file = seen(split, predict, labels)
    assert choose(MIOU, reference, file, 5) == [3, 1]
    assert choose(MIOU, reference, file, 1) == [3]
    losses = paired_losses(MIOU, reference, file)
    assert losses[3] > losses[1] > losses[0] == 0


def test_each_is_run_again_beside_what_the_reference_said(
    split: Dataset, truths: dict[bytes, np.ndarray], labels: Path
) -> None:
    predict = wrong_on(truths, {3: 0.5})
    reference, file = seen(split, wrong_on(truths, {})), seen(split, predict, labels)
    (one,) = worst(predict, split, labels, MIOU, reference, file, [3], "labels")
    truth = np.asarray(split.pictures[3].read().truth)
    counts = truth != VOID
    assert (one.reference == truth).all()
    assert (one.found[: len(truth) // 2] == 7).all()
    assert 0 < one.loss <= 1
    assert one.agreement == pytest.approx(np.mean((one.found == one.reference)[counts]))


def test_a_picture_without_truth_is_never_the_worst() -> None:
    void = np.full((2, 3, 8), 0.0)
    empty = Observations(
        statistics=stacked(list(void)), agreed=np.array([4, 5]), counted=np.array([5, 5])
    )
    assert choose(MIOU, empty, empty, 3) == [0]


DETECTION, COCO = METRICS["detection"], METRICS["coco_map"]
BOX = np.array([[1, 0.9, 2, 2, 20, 20]], np.float32)
NONE = np.zeros((0, 6), np.float32)


def boxes_seen(found: list[np.ndarray], wanted: list[np.ndarray]) -> Observations:
    """What `detection` sees of boxes on each picture, against the reference's."""
    agreed = [DETECTION.agreement(a, b, b) for a, b in zip(found, wanted, strict=True)]
    return Observations(
        statistics=stacked(
            [DETECTION.observe(a, b, 2) for a, b in zip(found, wanted, strict=True)]
        ),
        agreed=np.array([one for one, _ in agreed]),
        counted=np.array([all_ for _, all_ in agreed]),
    )


def test_boxes_where_the_reference_finds_none_are_a_loss_and_none_on_both_sides_is_not() -> None:
    wanted = [BOX, NONE, NONE, BOX]
    reference = boxes_seen(wanted, wanted)
    file = boxes_seen([BOX, BOX, NONE, NONE], wanted)
    losses = paired_losses(DETECTION, reference, file)
    assert losses[[0, 1, 3]].tolist() == [0, 1, 1]
    assert sorted(choose(DETECTION, reference, file, 5)) == [1, 3]


def test_of_a_metric_that_pools_each_picture_is_scored_alone() -> None:
    truth = np.array([[1, 0, 2, 2, 20, 20]], np.float64)
    far = BOX + np.array([0, 0, 40, 40, 40, 40], np.float32)

    def seen_as(*found: np.ndarray) -> Observations:
        rows = stacked([COCO.observe(one, truth, 2) for one in found])
        ones = np.ones(len(found), np.int64)
        return Observations(statistics=rows, agreed=ones, counted=ones)

    reference, file = seen_as(BOX, BOX, BOX), seen_as(BOX, far, NONE)
    assert paired_losses(COCO, reference, file) == pytest.approx([0, 1, 1])
    assert choose(COCO, reference, file, 3) == [1, 2]


@pytest.mark.parametrize(
    ("recipe", "answer"),
    [
        ("deeplab-shapes", "labels"),
        ("mobilenet-v1", "class"),
        ("coco-ssd", "boxes"),
        ("blazeface", "boxes"),
        ("facemesh", "points"),
        ("white-box-cartoonization", "picture"),
        ("posenet-075", None),
    ],
)
def test_answers_are_drawn_as_what_they_are(recipe: str, answer: str | None) -> None:
    assert answer_of(recipes.load(recipes.find(recipe))) == answer


def test_boxes_are_run_again_where_no_truth_is_known(split: Dataset, tmp_path: Path) -> None:
    labels = tmp_path / "boxes.npz"
    with label_writer(labels) as keep:
        for _ in range(PICTURES):
            keep(BOX)
    wanted = [BOX] * PICTURES
    reference, file = boxes_seen(wanted, wanted), boxes_seen([BOX, NONE, BOX, BOX, BOX], wanted)
    found = worst(
        lambda image: NONE, split, labels, DETECTION, reference, file,
        choose(DETECTION, reference, file, 3), "boxes",
    )  # fmt: skip
    (one,) = found
    assert one.name == split.pictures[1].name
    assert one.truth is None
    assert one.reference.tolist() == BOX.tolist()
    assert (len(one.found), one.loss, one.agreement) == (0, 1, 0)
