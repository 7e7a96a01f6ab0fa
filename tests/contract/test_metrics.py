"""What every metric promises, on predictions that its task makes."""

import numpy as np
import pytest

from convert.metrics import METRICS
from convert.metrics.base import Prediction, Truth
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


MAKERS = {"miou": segmented, "top_k": classified}
EVERY = pytest.mark.parametrize("name", METRICS)


def cases(name: MetricName) -> Cases:
    generator = np.random.default_rng(11)
    return [MAKERS[name](generator) for _ in range(PICTURES)]


def test_every_metric_has_predictions_here() -> None:
    assert set(MAKERS) == set(METRICS)


@EVERY
def test_a_perfect_prediction_scores_one(name: MetricName) -> None:
    metric = METRICS[name]
    total = sum(metric.observe(perfect, truth, CLASSES) for perfect, _, truth in cases(name))
    assert all(value == 1 for value in metric.figures(np.asarray(total)).values())


@EVERY
def test_every_figure_lies_between_nothing_and_all(name: MetricName) -> None:
    metric = METRICS[name]
    total = np.sum([metric.observe(poor, truth, CLASSES) for _, poor, truth in cases(name)], axis=0)
    figures = metric.figures(total)
    assert metric.HEADLINE in figures
    assert all(0 <= value <= 1 for value in figures.values())
    assert figures[metric.HEADLINE] < 1
    assert all(iou is None or 0 <= iou <= 1 for iou in metric.breakdown(total))


@EVERY
def test_statistics_have_one_shape_and_score_by_the_bundle(name: MetricName) -> None:
    metric = METRICS[name]
    stack = np.stack([metric.observe(poor, truth, CLASSES) for _, poor, truth in cases(name)])
    assert stack.dtype == np.float64
    sums = np.cumsum(stack, axis=0)
    singly = [metric.figures(total)[metric.HEADLINE] for total in sums]
    assert metric.headline(sums) == pytest.approx(singly)


@EVERY
def test_what_was_counted_on_nothing_is_no_number(name: MetricName) -> None:
    metric = METRICS[name]
    perfect, _, truth = cases(name)[0]
    nothing = np.zeros_like(metric.observe(perfect, truth, CLASSES))
    assert np.isnan(metric.headline(nothing[np.newaxis])).all()
    assert np.isnan(metric.figures(nothing)[metric.HEADLINE])


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
