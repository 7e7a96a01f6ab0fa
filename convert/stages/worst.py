"""The pictures on which a file loses most against the reference, and what it says of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Dataset, Sample
from convert.metrics.base import MetricBackend, PoolingMetric, Prediction
from convert.observations import Observations, load_labels
from convert.recipe import Recipe

Labels = NDArray[Any]
Predict = Callable[[NDArray[np.uint8]], Prediction]
Answer = Literal["labels", "class", "boxes", "points", "picture"]
"""What can be drawn."""


@dataclass(frozen=True, kw_only=True)
class Worst:
    """One picture: what is true, what the reference says and what the file says.

    As `answer` says: maps [H, W] of label numbers (255: void), single labels [], detections
    [N, 6 or more] (see `convert.pictures.boxes`), points [P, 2 or more] (x and y in the picture's
    pixels), or pictures uint8 [H, W, 3].
    """

    name: str
    answer: Answer
    image: NDArray[np.uint8]
    truth: Labels | None
    """Boxes have another second column (1: a crowd); None where the metric looks at none."""
    reference: Labels
    found: Labels
    loss: float
    """The reference's headline figure on this picture less the file's."""
    agreement: float
    """The metric's, on this picture."""


def answer_of(recipe: Recipe) -> Answer | None:
    """What a model's answers are drawn as; None of tensors, which nobody can read."""
    post = recipe.postprocessing
    if recipe.task == "segmentation":
        return "labels"
    if recipe.task == "classification":
        return "class"
    if post.boxes or post.merged:
        return "boxes"
    if post.points:
        return "points"
    return "picture" if post.picture else None


def paired_losses(
    metric: MetricBackend, reference: Observations, seen: Observations
) -> NDArray[np.float64]:
    """Per picture [N], the reference's headline figure less the file's; NaN where undefined."""
    best = _headlines(metric, reference.statistics)
    if metric.AGAINST == "reference":
        # It is as it is, also where it finds nothing, and a file that finds something is not.
        best = np.nan_to_num(best, nan=1.0)
    return best - _headlines(metric, seen.statistics)


def _headlines(metric: MetricBackend, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each picture alone [N]."""
    if not isinstance(metric, PoolingMetric):
        return np.asarray(metric.headline(statistics), np.float64)
    pools = (metric.pool(one[np.newaxis], np.ones((1, 1))) for one in statistics)
    return np.array([float(metric.headline(pool)[0]) for pool in pools])


def choose(
    metric: MetricBackend, reference: Observations, seen: Observations, count: int
) -> list[int]:
    """The pictures with the largest paired loss; where that is equal, with the least agreement."""
    losses = np.nan_to_num(paired_losses(metric, reference, seen), nan=-np.inf)
    agreement = np.where(seen.counted > 0, seen.agreed / np.maximum(1, seen.counted), 1.0)
    order = np.lexsort((agreement, -losses))
    differ = (losses > 0) | (agreement < 1)
    return [int(at) for at in order if differ[at]][:count]


def worst(
    predict: Predict,
    dataset: Dataset,
    labels: Path,
    metric: MetricBackend,
    reference: Observations,
    seen: Observations,
    places: Sequence[int],
    answer: Answer,
) -> tuple[Worst, ...]:
    """Run the file again on these pictures alone, and set it beside what the reference said.

    `labels` is the file that holds the reference's labels of every picture.
    """
    losses = paired_losses(metric, reference, seen)
    wanted = dict(_those(labels, places))
    return tuple(
        _one(predict, dataset.pictures[at].read(), wanted[at], metric, float(losses[at]), answer)
        for at in places
    )


def _those(labels: Path, places: Sequence[int]) -> list[tuple[int, Labels]]:
    found = enumerate(islice(load_labels(labels), max(places, default=-1) + 1))
    return [(at, each) for at, each in found if at in places]


def _one(
    predict: Predict,
    sample: Sample,
    wanted: Labels,
    metric: MetricBackend,
    loss: float,
    answer: Answer,
) -> Worst:
    prediction = predict(sample.image)
    agreed, counted = metric.agreement(prediction, wanted, sample.truth)
    return Worst(
        name=sample.name,
        answer=answer,
        image=sample.image,
        truth=np.asarray(sample.truth) if metric.AGAINST == "truth" else None,
        reference=wanted,
        found=metric.label(prediction),
        loss=loss,
        agreement=agreed / counted if counted else 1.0,
    )
