"""Golden tensors let others check their installation."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from convert.errors import RuntimeFailure
from convert.pictures.prepare import prepare
from convert.preprocessing import Preprocessing
from convert.runtimes.base import Array, SessionFacts
from convert.stages.golden import golden, replay, stride_for, thinned
from convert.store import digest_file

PRE = Preprocessing(size=(40, 60), mean=(127.5,) * 3, scale=(1 / 127.5,) * 3)


class Doubling:
    """A session of a model that doubles its input."""

    facts = SessionFacts(threads=1)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        return {"logits": inputs["image"] * np.float32(2)}


def made(folder: Path):
    return golden(Doubling(), "image", PRE, "litert", folder)


def test_the_tensors_are_the_models_own(tmp_path: Path):
    record = made(tmp_path)
    with np.load(tmp_path / record.file, allow_pickle=False) as file:
        image, given, found = (file[name] for name in ("image", "input", "output_logits"))
    assert (image.dtype, image.ndim, image.shape[2]) == (np.uint8, 3, 3)
    assert (given.dtype, given.shape) == (np.float32, (1, 40, 60, 3))
    np.testing.assert_array_equal(given, prepare(image, PRE).tensor)
    np.testing.assert_array_equal(found, thinned(given * 2, record.stride))
    assert record.runtime == "litert"


def test_they_are_the_same_each_time(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made(tmp_path / name)
    assert digest_file(tmp_path / "a" / "golden.npz") == digest_file(tmp_path / "b" / "golden.npz")


def test_the_picture_has_something_to_see(tmp_path: Path):
    made(tmp_path)
    with np.load(tmp_path / "golden.npz") as file:
        assert file["image"].std() > 10


@pytest.mark.parametrize(
    "shape", [(1, 65, 65, 21), (1, 513, 513, 21), (1, 1, 1, 100_000), (1, 300, 2, 300)]
)
def test_a_map_is_thinned_until_it_is_small(shape: tuple[int, ...]):
    output = np.zeros(shape, np.float32)
    stride = stride_for(output)
    kept = thinned(output, stride)
    assert kept.size <= 2**16 or kept.shape[1:3] == (1, 1)
    if stride > 1:
        assert thinned(output, stride - 1).size > 2**16


def test_scores_are_kept_whole():
    scores = np.arange(100_000, dtype=np.float32)[np.newaxis]
    assert stride_for(scores) == 1
    np.testing.assert_array_equal(thinned(scores, 3), scores)


class Wrong(Doubling):
    """A session of the same model on a runtime with a wrong kernel."""

    def __init__(self, factor: float) -> None:
        self._factor = np.float32(factor)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        return {"logits": inputs["image"] * self._factor}


def test_the_runtime_that_made_them_answers_as_they_say(tmp_path: Path):
    found = replay(Doubling(), "image", tmp_path, made(tmp_path), classified=True)
    assert (found.difference, found.labels, found.wrong) == (0, 1, None)
    assert found.correlation == pytest.approx(1)


@pytest.mark.parametrize(("factor", "says"), [(-2, "correlation"), (0, "correlation")])
def test_a_runtime_that_computes_something_else_is_found(tmp_path: Path, factor: float, says: str):
    found = replay(Wrong(factor), "image", tmp_path, made(tmp_path), classified=True)
    assert says in (found.wrong or "")


def test_other_labels_are_found_where_values_are_alike(tmp_path: Path):
    class Shifted(Doubling):
        def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
            # Small against the values' range, and enough to turn grey pixels' arg max.
            return {"logits": inputs["image"] * 2 + np.float32([0.3, 0, -0.3])}

    record = made(tmp_path)
    found = replay(Shifted(), "image", tmp_path, record, classified=True)
    assert found.correlation > 0.95
    assert "labels" in (found.wrong or "")
    assert replay(Shifted(), "image", tmp_path, record, classified=False).wrong is None


def test_values_that_are_not_finite_are_an_error(tmp_path: Path):
    with pytest.raises(RuntimeFailure, match=r"logits holds values that are not finite"):
        replay(Wrong(float("nan")), "image", tmp_path, made(tmp_path), classified=True)
