"""The pictures on which a file loses most against the reference, and what it says of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Dataset, Sample
from convert.metrics.base import MetricBackend, Prediction
from convert.observations import Observations, load_labels

Labels = NDArray[Any]
Predict = Callable[[NDArray[np.uint8]], Prediction]


@dataclass(frozen=True, kw_only=True)
class Worst:
    """One picture: what is true, what the reference says and what the file says, as labels.

    Maps [H, W] of label numbers (255: void), or single labels [].
    """

    name: str
    image: NDArray[np.uint8]
    truth: Labels
    reference: Labels
    found: Labels
    loss: float
    """The reference's headline figure on this picture less the file's."""
    agreement: float


def paired_losses(
    metric: MetricBackend, reference: Observations, seen: Observations
) -> NDArray[np.float64]:
    """Per picture [N], the reference's headline figure less the file's; NaN where undefined."""
    losses = metric.headline(reference.statistics) - metric.headline(seen.statistics)
    return np.asarray(losses, np.float64)


def choose(
    metric: MetricBackend, reference: Observations, seen: Observations, count: int
) -> list[int]:
    """The pictures with the largest paired loss; where that is equal, with the least agreement."""
    losses = np.nan_to_num(paired_losses(metric, reference, seen), nan=-np.inf)
    agreement = seen.agreed / np.maximum(1, seen.counted)
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
) -> tuple[Worst, ...]:
    """Run the file again on these pictures alone, and set it beside what the reference said.

    `labels` is the file that holds the reference's labels of every picture.
    """
    losses = paired_losses(metric, reference, seen)
    wanted = dict(_those(labels, places))
    return tuple(
        _one(predict, dataset.pictures[at].read(), wanted[at], metric, float(losses[at]))
        for at in places
    )


def _those(labels: Path, places: Sequence[int]) -> list[tuple[int, Labels]]:
    found = enumerate(islice(load_labels(labels), max(places, default=-1) + 1))
    return [(at, each) for at, each in found if at in places]


def _one(
    predict: Predict, sample: Sample, wanted: Labels, metric: MetricBackend, loss: float
) -> Worst:
    found = metric.label(predict(sample.image))
    same = found == wanted
    return Worst(
        name=sample.name,
        image=sample.image,
        truth=np.asarray(sample.truth),
        reference=wanted,
        found=found,
        loss=loss,
        agreement=float(np.mean(same)),
    )
