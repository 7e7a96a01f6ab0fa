"""Which pictures calibrate, and how many of them are enough."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert import recipes
from convert.datasets.base import Dataset
from convert.errors import UsageError
from convert.pipeline.curve import curve
from convert.pipeline.plan import Options, Plan, plan
from convert.pipeline.settings import Settings
from convert.progress import Silence

Planned = Callable[..., Plan]


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    def planned(calibration: str | Path | None, **changed: object) -> Plan:
        recipe = recipes.load(recipes.find("deeplab-shapes"))
        choice = recipe.dataset.model_copy(update=changed)
        asked = None if calibration is None else str(calibration)
        options = Options(calibration=asked, targets=("tflite",), schemes=("uint8",), limit=4)
        return plan(recipe.model_copy(update={"dataset": choice}), Settings(home=tmp_path), options)

    return planned


def folder(root: Path, count: int) -> Path:
    root.mkdir()
    random = np.random.default_rng(4)
    for number in range(count):
        pixels = random.integers(0, 256, (12, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(root / f"{number}.png")
    return root


def test_a_folder_stands_for_the_recipes_split(planned: Planned, tmp_path: Path) -> None:
    pictures = folder(tmp_path / "holiday", 7)
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    found = planned(pictures, calibration_images=5)
    assert len(found.calibration) == 5
    assert found.calibration_facts.model_dump() == {
        "kind": "folder",
        "of": "holiday",
        "images": 5,
    }
    (sentence,) = found.unreadable
    assert "broken.jpg" in sentence


@pytest.mark.parametrize(("asked", "images"), [("none", 50), (None, 0)])
def test_without_pictures_drawn_ones_stand_for_them(
    planned: Planned, asked: str | None, images: int
) -> None:
    found = planned(asked, calibration_images=images)
    assert found.calibration_facts.kind == "synthesised"
    assert len(found.calibration) == found.calibration_facts.images > 0
    assert not set(found.calibration_digests) & set(found.evaluation_digests)


def test_more_pictures_in_a_split_than_are_wanted_are_thinned(planned: Planned) -> None:
    found = planned(None, calibration_images=6)
    whole = planned(None)
    assert len(found.calibration) == 6
    assert set(found.calibration_digests) < set(whole.calibration_digests)
    assert found.calibration_digests == planned(None, calibration_images=6).calibration_digests


def test_a_folder_that_holds_a_picture_that_measures_is_refused(tmp_path: Path) -> None:
    pictures = folder(tmp_path / "masks", 1)
    for part in ("images", "masks"):
        (tmp_path / "set" / part).mkdir(parents=True)
    for name in ("a", "b"):
        level = np.full((8, 8), 200 * (name == "b"), np.uint8)
        Image.fromarray(level).save(tmp_path / f"set/images/{name}.png")
        Image.fromarray(level).save(tmp_path / f"set/masks/{name}.png")
    (tmp_path / "set/val.txt").write_text("b")
    (pictures / "deep").mkdir()
    (pictures / "deep/copy.png").write_bytes((tmp_path / "set/images/b.png").read_bytes())
    recipe = recipes.load(recipes.find("selfie-segmentation"))
    settings = Settings(home=tmp_path, accepted=frozenset({"all"}))
    options = Options(dataset=tmp_path / "set", calibration=str(pictures))
    with pytest.raises(UsageError, match=r"copy \(as b\)"):
        plan(recipe, settings, options)
    (pictures / "deep/copy.png").unlink()
    assert len(plan(recipe, settings, options).calibration) == 1


def test_the_curve_is_decided_and_measured_on_different_pictures(planned: Planned) -> None:
    few = planned(None)
    few = replace(few, calibration=Dataset(pictures=few.calibration.pictures[:7]))
    found = curve(few, [1, 4, 99], Silence())
    assert found.held_out == 3
    assert [point.images for point in found.points] == [1, 4]
    assert all(0.5 < point.agreement <= 1 for point in found.points)
    assert curve(few, [1, 4], Silence()).points == found.points


def test_a_curve_of_too_few_pictures_is_refused(planned: Planned) -> None:
    few = planned(None)
    few = replace(few, calibration=Dataset(pictures=few.calibration.pictures[:1]))
    with pytest.raises(UsageError, match="too few"):
        curve(few, [1], Silence())
