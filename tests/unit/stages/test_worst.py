"""The pictures that are shown are those on which a file loses most against the reference."""

from pathlib import Path

import numpy as np
import pytest

from convert.datasets import open_split
from convert.datasets.base import Dataset
from convert.metrics import METRICS
from convert.observations import Observations, label_writer, stacked
from convert.progress import Silence
from convert.recipe import DatasetChoice
from convert.stages.verify import Predict, verify
from convert.stages.worst import choose, paired_losses, worst

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
    (one,) = worst(predict, split, labels, MIOU, reference, file, [3])
    truth = np.asarray(split.pictures[3].read().truth)
    assert (one.reference == truth).all()
    assert (one.found[: len(truth) // 2] == 7).all()
    assert 0 < one.loss <= 1
    assert one.agreement == pytest.approx(np.mean(one.found == one.reference))


def test_a_picture_without_truth_is_never_the_worst() -> None:
    void = np.full((2, 3, 8), 0.0)
    empty = Observations(
        statistics=stacked(list(void)), agreed=np.array([4, 5]), counted=np.array([5, 5])
    )
    assert choose(MIOU, empty, empty, 3) == [0]
