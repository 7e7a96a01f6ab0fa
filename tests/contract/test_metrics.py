"""What every metric promises, on predictions that its task makes."""

import numpy as np
import pytest

from convert.errors import SourceError
from convert.metrics import METRICS
from convert.metrics.base import Prediction, Statistic, Truth, pooled
from convert.observations import stacked
from convert.vocabulary import MetricName

CLASSES = 7
PICTURES = 12

Cases = list[tuple[Prediction, Prediction, Truth]]
"""Perfect and poor predictions of the same truth."""


def segmented(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    truth = generator.integers(0, CLASSES, (9, 11)).astype(np.uint8)
    return truth, generator.permutation(truth.reshape(-1)).reshape(9, 11), truth


def classified(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    truth = int(generator.integers(0, CLASSES))
    scores = generator.random(CLASSES).astype(np.float32)
    perfect = scores.copy()
    perfect[truth] = 2
    return perfect, scores, truth


def parted(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    truth = generator.integers(0, 2, (9, 11)).astype(np.uint8)
    return truth, generator.permutation(truth.reshape(-1)).reshape(9, 11), truth


def drawn(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    picture = generator.integers(0, 256, (24, 32, 3)).astype(np.uint8)
    noise = generator.integers(-40, 41, picture.shape)
    return picture, np.clip(picture + noise, 0, 255).astype(np.uint8), picture


def detected(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    corners = generator.uniform(0, 50, (5, 2))
    points = generator.uniform(10, 40, (5, 4))
    classes, scores = generator.integers(0, CLASSES, 5), generator.uniform(0.5, 1, 5)
    boxes = np.column_stack([classes, scores, corners, corners + 30, points]).astype(np.float32)
    moved = boxes.copy()
    moved[:, 1:] += generator.uniform(-0.05, 0.05, (5, 1))
    moved[:, 2:6] += generator.uniform(2, 6, (5, 4))
    return boxes, moved[:3], boxes


def found_and_true(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    boxes, moved, _ = detected(generator)
    truth = np.insert(boxes[:, [0, 2, 3, 4, 5]], 1, 0, axis=1).astype(np.float64)
    return boxes, moved, truth


def pointed(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    points = generator.uniform(0, 100, (21, 3)).astype(np.float32)
    noise = generator.normal(size=points.shape).astype(np.float32)
    return points, points + 3 * noise, points


def numbered(generator: np.random.Generator) -> tuple[Prediction, Prediction, Truth]:
    numbers = generator.normal(size=60).astype(np.float32)
    noise = generator.normal(size=60).astype(np.float32)
    return numbers, numbers + noise / 5, numbers


MAKERS = {
    "miou": segmented,
    "person_iou": parted,
    "top_k": classified,
    "similarity": drawn,
    "detection": detected,
    "coco_map": found_and_true,
    "landmarks": pointed,
    "parity": numbered,
}
BEST = {"psnr": 100, "nme": 0, "keypoint_nme": 0, "score_difference": 0}
"""What a figure of a perfect prediction is, where it is not 1."""
MOST = {"psnr": 100}
AGAINST_REFERENCE = [name for name, metric in METRICS.items() if metric.AGAINST == "reference"]
EVERY = pytest.mark.parametrize("name", METRICS)


def cases(name: MetricName) -> Cases:
    generator = np.random.default_rng(11)
    return [MAKERS[name](generator) for _ in range(PICTURES)]


def poorly(name: MetricName) -> Statistic:
    """The statistics of poor predictions."""
    return stacked([METRICS[name].observe(poor, truth, CLASSES) for _, poor, truth in cases(name)])


def test_every_metric_has_predictions_here() -> None:
    assert set(MAKERS) == set(METRICS)


@EVERY
def test_a_perfect_prediction_scores_one(name: MetricName) -> None:
    metric = METRICS[name]
    stack = [metric.observe(perfect, truth, CLASSES) for perfect, _, truth in cases(name)]
    figures = metric.figures(pooled(metric, stacked(stack)))
    assert figures[metric.HEADLINE] == 1
    assert figures == pytest.approx({name: BEST.get(name, 1) for name in figures})


@EVERY
def test_every_figure_lies_between_nothing_and_all(name: MetricName) -> None:
    metric = METRICS[name]
    total = pooled(metric, poorly(name))
    figures = metric.figures(total)
    assert metric.HEADLINE in figures
    assert all(0 <= value <= MOST.get(figure, 1) for figure, value in figures.items())
    assert figures[metric.HEADLINE] < 1
    assert all(iou is None or 0 <= iou <= 1 for iou in metric.breakdown(total))


@EVERY
def test_samples_of_the_pictures_score_by_the_bundle_as_they_do_singly(name: MetricName) -> None:
    metric, stack = METRICS[name], poorly(name)
    assert stack.dtype == np.float64
    weights = np.tri(PICTURES)
    pools = pooled(metric, stack, weights)
    singly = [metric.figures(pool)[metric.HEADLINE] for pool in pools]
    assert metric.headline(pools) == pytest.approx(singly)
    parts = [pooled(metric, stack[: n + 1]) for n in range(PICTURES)]
    assert singly == pytest.approx([metric.figures(part)[metric.HEADLINE] for part in parts])


@EVERY
def test_a_picture_that_is_drawn_twice_counts_as_two(name: MetricName) -> None:
    metric, stack = METRICS[name], poorly(name)
    weights = np.arange(PICTURES) % 3
    found = metric.headline(pooled(metric, stack, weights[np.newaxis].astype(np.float64)))
    wanted = metric.figures(pooled(metric, np.repeat(stack, weights, axis=0)))
    assert found == pytest.approx(wanted[metric.HEADLINE])


@EVERY
def test_what_was_counted_on_nothing_is_no_number(name: MetricName) -> None:
    metric, stack = METRICS[name], poorly(name)
    nothing = pooled(metric, stack, np.zeros((1, PICTURES)))
    assert np.isnan(metric.headline(nothing)).all()
    assert np.isnan(metric.figures(nothing[0])[metric.HEADLINE])


@EVERY
def test_every_prediction_agrees_with_itself_and_others_less(name: MetricName) -> None:
    metric, agreed, counted = METRICS[name], 0, 0
    for perfect, poor, truth in cases(name):
        same, all_of_it = metric.agreement(perfect, metric.label(perfect), truth)
        assert same == all_of_it > 0
        some, _ = metric.agreement(poor, metric.label(perfect), truth)
        agreed, counted = agreed + some, counted + all_of_it
    assert 0 <= agreed < counted


@EVERY
def test_the_label_of_a_label_is_itself(name: MetricName) -> None:
    metric = METRICS[name]
    for _, poor, _ in cases(name):
        kept = metric.label(poor)
        assert np.array_equal(metric.label(kept), kept)


@pytest.mark.parametrize("name", AGAINST_REFERENCE)
def test_the_reference_scores_one_against_what_is_kept_of_it(name: MetricName) -> None:
    metric = METRICS[name]
    for _, poor, _ in cases(name):
        total = metric.observe(poor, metric.label(poor), CLASSES)
        assert metric.figures(total)[metric.HEADLINE] == pytest.approx(1)


@pytest.mark.parametrize("name", AGAINST_REFERENCE)
@pytest.mark.parametrize("kept", [3, np.zeros((5, 13), np.float32)])
def test_what_another_model_gave_is_an_error(name: MetricName, kept: Truth) -> None:
    prediction, _, _ = cases(name)[0]
    with pytest.raises(SourceError, match="reference"):
        METRICS[name].observe(prediction, kept, CLASSES)


@EVERY
def test_what_is_compared_with_is_said(name: MetricName) -> None:
    assert METRICS[name].AGAINST in ("truth", "reference")
