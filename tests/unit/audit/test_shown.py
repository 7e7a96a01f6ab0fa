"""The worst pictures show what each answer is: boxes, points, pictures, side by side."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from convert import recipes
from convert.audit import marks
from convert.audit.panels import amplified
from convert.audit.rows import rows_of
from convert.audit.section import Section
from convert.audit.shown import shown
from convert.report import Report
from convert.stages.worst import Worst

GREY = np.full((100, 120, 3), 128, np.uint8)
BOX = np.array([[0, 0.9, 20, 30, 60, 90]], np.float32)
OTHER = np.array([[0, 0.9, 70, 5, 95, 25]], np.float32)
NONE = np.zeros((0, 6), np.float32)


@pytest.fixture
def section(report: Report) -> Section:
    recipe = recipes.load(recipes.find("coco-ssd"))
    return Section(
        report=report, rows=rows_of(report), recipe=recipe, worst={}, layers={}, whys=(), notes=()
    )


def drawn(uri: str) -> np.ndarray:
    data = base64.b64decode(uri.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def boxes(truth: np.ndarray | None = None) -> Worst:
    return Worst(
        name="one", answer="boxes", image=GREY, truth=truth, reference=BOX, found=OTHER,
        loss=1.0, agreement=0.0,
    )  # fmt: skip


def changed(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of what is not grey any more."""
    rows, columns = np.nonzero(np.abs(picture.astype(int) - 128).max(axis=-1) > 60)
    return rows.min(), columns.min(), rows.max(), columns.max()


def test_boxes_of_truth_reference_and_file_stand_side_by_side(section: Section) -> None:
    truth = np.array([[0, 1, 10, 10, 50, 50]], np.float64)
    made = shown(section, boxes(truth))
    titles = [panel.title for panel in made.panels]
    assert titles[:3] == ["truth", "reference", "this file"]
    where = [changed(drawn(panel.uri)) for panel in made.panels[:3]]
    for found, wanted in zip(
        where, ((10, 10, 50, 50), (20, 30, 60, 90), (70, 5, 95, 25)), strict=True
    ):
        assert found == pytest.approx(wanted, abs=3)
    apart = drawn(made.panels[3].uri)
    red, blue = apart[70:96, 5:26], apart[20:61, 30:91]
    assert (red[..., 0] - red[..., 2]).max() > 100
    assert (blue[..., 2] - blue[..., 0]).max() > 100
    assert made.says == ("100.00 points of mIoU lost, 0.00% of the boxes are the reference's.")
    assert [name for _, name in made.classes] == [section.recipe.labels[0]]


def test_without_truth_there_is_no_panel_of_it(section: Section) -> None:
    assert "truth" not in [panel.title for panel in shown(section, boxes()).panels]


def test_a_model_of_one_class_needs_no_legend(section: Section) -> None:
    face = recipes.load(recipes.find("blazeface"))
    assert shown(replace(section, recipe=face), boxes()).classes == ()


def test_a_box_that_the_other_has_too_does_not_stand_alone() -> None:
    near, another_class = BOX + np.float32([0, 0, 2, 2, 2, 2]), BOX + np.float32([1, 0, 0, 0, 0, 0])
    assert len(marks.alone(BOX, near)) == 0
    assert len(marks.alone(BOX, another_class)) == 1
    assert len(marks.alone(BOX, OTHER)) == 1
    assert len(marks.alone(BOX, NONE)) == 1
    assert len(marks.alone(NONE, BOX)) == 0


def test_boxes_are_drawn_where_they_lie_also_on_large_pictures() -> None:
    large = np.full((500, 600, 3), 128, np.uint8)
    made = marks.boxed(large, BOX * np.float32([1, 1, 5, 5, 5, 5]))
    scale = made.shape[0] / 100
    assert changed(made) == pytest.approx(tuple(scale * side for side in BOX[0, 2:]), abs=2)


def test_key_points_and_boxes_beyond_the_edge_are_drawn() -> None:
    beyond = np.array([[0, 0.5, -20, -20, 40, 40, 80, 100]], np.float32)
    made = marks.boxed(GREY, beyond)
    assert np.abs(made[80, 100].astype(int) - 128).max() > 60
    assert changed(made)[:2] == (0, 0)


def test_points_are_drawn_and_where_they_came_to_lie(section: Section) -> None:
    before = np.array([[20, 30, 0.5], [np.nan, 40, 0]], np.float32)
    after = before + np.float32([15, 0, 0])
    one = Worst(
        name="face", answer="points", image=GREY, truth=None, reference=before, found=after,
        loss=0.02, agreement=0.5,
    )  # fmt: skip
    made = shown(section, one)
    titles = [panel.title for panel in made.panels]
    assert titles[:3] == ["picture", "reference", "this file"]
    assert "50.00% of the points" in made.says
    assert changed(marks.dotted(GREY, before)) == pytest.approx((29, 19, 31, 21))
    moved = marks.moved(GREY, before, after).astype(int)
    assert moved[30, 20, 2] - moved[30, 20, 0] > 100
    assert all(moved[30, x, 0] - moved[30, x, 2] > 100 for x in range(22, 36))


def test_pictures_have_their_difference_amplified(section: Section) -> None:
    other = GREY.copy()
    other[:50] += 10
    one = Worst(
        name="cartoon", answer="picture", image=GREY, truth=None, reference=GREY, found=other,
        loss=0.1, agreement=0.5,
    )  # fmt: skip
    made = shown(section, one)
    assert [panel.title for panel in made.panels] == [
        "picture", "reference", "this file", "difference, 16 times",
    ]  # fmt: skip
    apart = drawn(made.panels[-1].uri)
    assert apart[:45].min() > 150
    assert apart[55:].max() < 20


def test_equal_pictures_differ_nowhere() -> None:
    _, apart = amplified(GREY, GREY)
    assert apart.max() == 0
