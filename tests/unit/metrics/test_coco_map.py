"""The mean average precision is the one that pycocotools gives, on the same boxes."""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from convert.datasets.scenes import CLASSES, draw_scene
from convert.errors import SourceError
from convert.metrics import coco_map
from convert.metrics.base import pooled
from convert.metrics.bootstrap import drop_interval
from convert.observations import stacked

VOID = 255


def boxes_of(seed):
    """The shapes of a drawn scene as boxes [M, 6], told from its exact mask."""
    mask = draw_scene(seed).mask
    found = []
    for kind in np.setdiff1d(np.unique(mask), [0, VOID]):
        rows, columns = np.nonzero(mask == kind)
        corners = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        found.append((kind, 0, *corners))
    return np.array(found, np.float64).reshape(-1, 6)


def detections(true, scores=1.0):
    """What finds exactly the true boxes."""
    return np.insert(np.delete(true, 1, axis=1), 1, scores, axis=1).astype(np.float32)


def shaken(draw, true):
    """Boxes that are moved, missed, of another class, found twice, or not there at all."""
    found = detections(true, draw.uniform(0.3, 1, len(true)))
    found[:, 2:6] += draw.normal(0, 3, (len(found), 4))
    others = draw.random(len(found)) < 0.15
    found[others, 0] = draw.integers(1, len(CLASSES), others.sum())
    kept = found[draw.random(len(found)) < 0.85]
    twice = kept[draw.random(len(kept)) < 0.3] + np.float32([0, -0.2, 1, 1, 1, 1])
    corners = draw.uniform(0, 90, (2, 2))
    invented = np.column_stack(
        [draw.integers(1, len(CLASSES), 2), draw.uniform(0.3, 1, 2), corners, corners + 40]
    )
    return np.concatenate([kept, twice, invented]).astype(np.float32)


def crowded(draw, true):
    """The same, of which some boxes are around a crowd."""
    changed = true.copy()
    changed[:, 1] = draw.random(len(true)) < 0.2
    return changed


def by_pycocotools(found, true):
    """The mean over IoUs and the one at 0.5, and that of each category."""
    images = [{"id": n + 1} for n in range(len(true))]
    kinds = sorted({int(kind) for boxes in (*true, *found) for kind in boxes[:, 0]})
    annotations, results = [], []
    for image, boxes in enumerate(true):
        for kind, crowd, top, left, bottom, right in boxes:
            box = [left, top, right - left, bottom - top]
            here = {"image_id": image + 1, "category_id": int(kind), "bbox": box}
            number = len(annotations) + 1
            annotations.append(
                {**here, "id": number, "area": box[2] * box[3], "iscrowd": int(crowd)}
            )
    for image, boxes in enumerate(found):
        for kind, score, top, left, bottom, right in boxes.astype(np.float64):
            box = [left, top, right - left, bottom - top]
            here = {"image_id": image + 1, "category_id": int(kind), "bbox": box}
            results.append({**here, "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": images,
            "annotations": annotations,
            "categories": [{"id": kind, "name": str(kind)} for kind in kinds],
        }
        truth.createIndex()
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    precision = judge.eval["precision"][..., 0, 2].mean(axis=1)
    by_kind = {
        k: precision[:, n].mean() for n, k in enumerate(kinds) if (precision[:, n] >= 0).all()
    }
    return judge.stats[0], judge.stats[1], by_kind


def observed(found, true):
    return stacked([coco_map.observe(f, t, 99) for f, t in zip(found, true, strict=True)])


@pytest.fixture(scope="module")
def scenes():
    return [boxes_of(seed) for seed in range(40)]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_equal_to_pycocotools_own(scenes, seed):
    draw = np.random.default_rng(seed)
    true = [crowded(draw, boxes) for boxes in scenes]
    found = [shaken(draw, boxes) for boxes in scenes]
    total = pooled(coco_map, observed(found, true))
    mean, at_half, by_kind = by_pycocotools(found, true)
    figures = coco_map.figures(total)
    assert 0.05 < mean < 0.9
    assert figures == pytest.approx({"coco_map": mean, "ap50": at_half}, abs=1e-12)
    by_class = {n: v for n, v in enumerate(coco_map.breakdown(total)) if v is not None}
    assert by_class == pytest.approx(by_kind, abs=1e-12)


def test_more_than_a_hundred_boxes_and_equal_scores_are_as_pycocotools_has_them():
    draw = np.random.default_rng(9)
    corners = draw.integers(0, 60, (130, 2))
    true = np.column_stack([np.ones(130), np.zeros(130), corners, corners + 20]).astype(np.float64)
    found = detections(true, draw.choice([0.4, 0.5, 0.9], 130))
    found[:, 2:6] += draw.integers(0, 4, (130, 4))
    found, true = [found, found[:7]], [true, true[:9]]
    mean, at_half, _ = by_pycocotools(found, true)
    figures = coco_map.figures(pooled(coco_map, observed(found, true)))
    assert figures == pytest.approx({"coco_map": mean, "ap50": at_half}, abs=1e-12)


def test_a_sample_is_scored_as_if_its_pictures_were_all_there_were(scenes):
    draw = np.random.default_rng(5)
    found = [shaken(draw, boxes) for boxes in scenes]
    weights = draw.multinomial(len(scenes), np.full(len(scenes), 1 / len(scenes)), size=5)
    scored = coco_map.headline(pooled(coco_map, observed(found, scenes), weights.astype(float)))
    for score, drawn in zip(scored, weights, strict=True):
        chosen = np.repeat(np.arange(len(scenes)), drawn)
        mean, _, _ = by_pycocotools([found[n] for n in chosen], [scenes[n] for n in chosen])
        assert score == pytest.approx(mean, abs=1e-12)


def test_perfect_detections_score_one_and_empty_pictures_cost_nothing(scenes):
    true = [*scenes, np.zeros((0, 6))]
    total = pooled(coco_map, observed([detections(boxes) for boxes in true], true))
    assert coco_map.figures(total) == {"coco_map": 1, "ap50": 1}
    assert set(coco_map.breakdown(total)) == {None, 1.0}


def elsewhere(true):
    return detections(true) + np.float32([0, 0, 500, 500, 500, 500])


def another_kind(true):
    return detections(true) + np.float32([9, 0, 0, 0, 0, 0])


def nothing(true):
    return detections(true[:0])


@pytest.mark.parametrize("wrong", [elsewhere, another_kind, nothing])
def test_wrong_detections_score_nothing(scenes, wrong):
    total = pooled(coco_map, observed([wrong(boxes) for boxes in scenes], scenes))
    assert coco_map.figures(total) == {"coco_map": 0, "ap50": 0}


def test_a_crowd_is_neither_to_be_found_nor_wrong_to_find():
    true = np.array([[1, 0, 0, 0, 20, 20], [1, 1, 40, 40, 90, 90]], np.float64)
    found = detections(true, [0.5, 0.9])
    figures = coco_map.figures(pooled(coco_map, observed([found], [true])))
    assert figures == {"coco_map": 1, "ap50": 1}


def test_pictures_without_a_true_box_have_no_precision(scenes):
    none = [boxes[:0] for boxes in scenes]
    total = pooled(coco_map, observed([detections(boxes) for boxes in scenes], none))
    assert np.isnan(coco_map.figures(total)["coco_map"])


@pytest.mark.parametrize("truth", [3, np.zeros((6, 6), np.uint8), np.zeros((6, 5))])
def test_a_truth_that_is_no_boxes_is_named(truth):
    with pytest.raises(SourceError, match="no boxes") as caught:
        coco_map.observe(np.zeros((0, 6), np.float32), truth, 3)
    assert "coco" in caught.value.hint


def test_the_interval_of_a_drop_holds_it_and_narrows_with_pictures(scenes):
    draw = np.random.default_rng(3)
    perfect = observed([detections(boxes) for boxes in scenes], scenes)
    poor = observed([shaken(draw, boxes) for boxes in scenes], scenes)
    drop = 1 - coco_map.figures(pooled(coco_map, poor))["coco_map"]
    low, high = drop_interval(perfect, poor, coco_map, resamples=400)
    assert low < drop < high
    few = drop_interval(perfect[:8], poor[:8], coco_map, resamples=400)
    assert high - low < few[1] - few[0]
    assert drop_interval(poor, poor, coco_map, resamples=50) == (0, 0)
