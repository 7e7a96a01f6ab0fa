"""Each picture is seen once, one at a time, and held against truth and reference."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from convert.datasets.base import Dataset, Sample
from convert.errors import RuntimeFailure
from convert.metrics import METRICS
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.progress import Silence
from convert.runtimes.base import Array, SessionFacts
from convert.stages.verify import predictor, verify


@dataclass(frozen=True)
class Drawn:
    """A picture of one grey, whose truth is that grey's class but for a void corner."""

    label: int
    reads: list[int]

    @property
    def name(self) -> str:
        return f"grey-{self.label}"

    def read(self) -> Sample:
        self.reads.append(self.label)
        truth = np.full((4, 5), self.label, np.uint8)
        truth[0, 0] = 255
        return Sample(name=self.name, image=np.full((4, 5, 3), self.label, np.uint8), truth=truth)

    def digest(self) -> str:
        return self.name

    def truth_digest(self) -> str:
        return self.name


def dataset(*labels: int) -> tuple[Dataset, list[int]]:
    reads: list[int] = []
    return Dataset(pictures=tuple(Drawn(label, reads) for label in labels)), reads


def by_grey(image: np.ndarray) -> np.ndarray:
    """Right of all but class 2, which is taken for 1."""
    labels = image[..., 0].copy()
    labels[labels == 2] = 1
    return labels


class Counting(Silence):
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int | None, str]] = []
        self.ticks = 0

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[object]:
        self.told.append((label, total, unit))

        def tick(amount: int = 1) -> None:
            self.ticks += amount

        yield tick


def verified(pictures: Dataset, reference=None, progress=None, keep=lambda labels: None):
    return verify(
        by_grey,
        pictures,
        METRICS["miou"],
        3,
        reference=reference,
        label="tflite-uint8",
        progress=progress or Silence(),
        keep=keep,
    )


def test_each_picture_is_held_against_its_truth():
    pictures, _ = dataset(0, 1, 2)
    seen = verified(pictures)
    assert seen.statistics.shape == (3, 3, 3)
    figures = METRICS["miou"].figures(seen.statistics.sum(axis=0))
    assert figures["pixel_accuracy"] == pytest.approx(2 / 3)
    assert figures["miou"] == pytest.approx((1 + 0.5 + 0) / 3)


def test_the_reference_agrees_with_itself_wherever_it_counts():
    pictures, _ = dataset(0, 1, 2)
    seen = verified(pictures)
    assert seen.agreed.tolist() == seen.counted.tolist() == [19, 19, 19]


def test_agreement_is_with_the_references_labels_and_not_with_truth():
    pictures, _ = dataset(0, 2)
    labels = [np.full((4, 5), 1, np.uint8)] * 2
    seen = verified(pictures, reference=labels)
    assert seen.agreed.tolist() == [0, 19]


@pytest.mark.parametrize("count", [1, 3])
def test_reference_labels_of_another_split_are_refused(count: int):
    pictures, _ = dataset(0, 1)
    with pytest.raises(ValueError, match="zip"):
        verified(pictures, reference=[np.zeros((4, 5), np.uint8)] * count)


def test_the_models_own_labels_are_handed_on_in_order():
    kept: list[int] = []
    pictures, _ = dataset(0, 1, 2)
    verified(pictures, keep=lambda labels: kept.append(int(labels[1, 1])))
    assert kept == [0, 1, 1]


def test_pictures_are_read_once_and_one_at_a_time():
    pictures, reads = dataset(0, 1, 2)
    at_each = []

    def reference() -> Iterator[np.ndarray]:
        for _ in range(3):
            at_each.append(len(reads))
            yield np.zeros((4, 5), np.uint8)

    verified(pictures, reference=reference())
    assert at_each == [1, 2, 3]
    assert reads == [0, 1, 2]


def test_progress_is_told_in_pictures():
    progress = Counting()
    verified(dataset(0, 1, 2)[0], progress=progress)
    assert progress.told == [("tflite-uint8", 3, "pictures")]
    assert progress.ticks == 3


class Scripted:
    """A session whose output is given."""

    facts = SessionFacts(threads=1)

    def __init__(self, output: np.ndarray) -> None:
        self.output = output
        self.fed: Mapping[str, Array] = {}

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        self.fed = inputs
        return {"logits": self.output}


PRE = Preprocessing(size=(4, 4), mean=(127.5,) * 3, scale=(1 / 127.5,) * 3)
POST = Postprocessing(decode="argmax", restore=Resampling(method="nearest"))


def test_a_loaded_file_answers_for_the_picture_as_it_came():
    session = Scripted(np.eye(3, dtype=np.float32)[np.full((1, 4, 4), 2)])
    predict = predictor(session, "image", PRE, POST)
    labels = predict(np.full((6, 9, 3), 255, np.uint8))
    np.testing.assert_array_equal(labels, np.full((6, 9), 2))
    np.testing.assert_allclose(session.fed["image"], np.ones((1, 4, 4, 3)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_a_failure_of_the_file(value: float):
    output = np.zeros((1, 4, 4, 3), np.float32)
    output[0, 1, 2, 0] = value
    predict = predictor(Scripted(output), "image", PRE, POST)
    with pytest.raises(RuntimeFailure, match=r"'logits'.*not finite") as error:
        predict(np.zeros((6, 9, 3), np.uint8))
    assert error.value.exit_code == 6
