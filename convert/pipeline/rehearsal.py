"""Measure a file on calibration pictures, as a run will on those that it reports."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Dataset
from convert.machine import cores
from convert.memo import Parts, code_digest
from convert.metrics import METRICS
from convert.metrics.base import MetricBackend, Truth, pooled
from convert.observations import label_writer, load_labels, stacked
from convert.pipeline.core import Core, reference
from convert.pipeline.decided import EightBits
from convert.pipeline.model import Model
from convert.pipeline.work import Work
from convert.quantizers.spread import spread_places
from convert.stages.verify import predictor

_LABELS = "labels.npz"
_FEWEST = 12
"""Pictures that say anything."""
_SURELY = 1.64
"""Standard errors: of other pictures, one set in twenty does worse than that."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a file does on calibration pictures."""

    agreement: float
    """With the reference: share of labels."""
    surely: float
    """The agreement that as many other pictures reach nineteen times of twenty."""
    drop: float | None
    """Of the metric's first figure, where it needs no truth."""


def rehearse(work: Work, core: Core, model: Model, pictures: Dataset) -> Rehearsal:
    """Run a file over calibration pictures."""
    recipe = work.plan.recipe
    metric = METRICS[recipe.metric]
    session = model.open_session(cores())
    predict = predictor(session, model.input_name, recipe.preprocessing, recipe.postprocessing)
    counts, statistics = [], []
    with work.progress.count(f"{model.key} check", len(pictures), "pictures") as tick:
        for sample, wanted in zip(pictures, _wanted(work, core, pictures), strict=True):
            prediction = predict(sample.image)
            counts.append(metric.agreement(prediction, wanted, _no_truth(metric, wanted)))
            if metric.AGAINST == "reference":
                statistics.append(metric.observe(prediction, wanted, recipe.classes))
            tick()
    share, error = shared_labels(np.array(counts, np.float64))
    found = Rehearsal(agreement=share, surely=share - _SURELY * error, drop=None)
    if not statistics:
        return found
    lost = 1 - metric.figures(pooled(metric, stacked(statistics)))[metric.HEADLINE]
    return replace(found, drop=lost if math.isfinite(lost) else None)


def shared_labels(counts: NDArray[np.float64]) -> tuple[float, float]:
    """The share of equal labels and its standard error, of [pictures, (equal, all)]."""
    equal, of = counts.T
    share = float(equal.sum() / max(1.0, of.sum()))
    if len(counts) < 2 or not of.any():
        return share, 0.0
    spread = np.square(equal - share * of).sum() / (len(counts) - 1)
    return share, float(np.sqrt(spread / len(counts)) / of.mean())


def judging(work: Work, eight: EightBits) -> Dataset:
    """The calibration pictures that no layer was solved on; all, where those are too few."""
    whole = work.plan.calibration
    used = spread_places(len(whole), eight.walked)
    left = tuple(one for place, one in enumerate(whole.pictures) if place not in used)
    return whole if len(left) < _FEWEST else replace(whole, pictures=left)


def measuring(work: Work, core: Core, pictures: Dataset) -> Parts:
    """What decides what is measured."""
    recipe = work.plan.recipe
    return {
        "source": work.source.sha256,
        "cut": core.facts.cut.model_dump(),
        "preprocessing": recipe.preprocessing.model_dump(),
        "postprocessing": recipe.postprocessing.model_dump(),
        "metric": recipe.metric,
        "classes": recipe.classes,
        "calibration": pictures.digests(),
        "code": code_digest("graph", "metrics", "pictures", "runtimes", "datasets"),
    }


def _wanted(work: Work, core: Core, pictures: Dataset) -> Iterator[NDArray[Any]]:
    """The reference's labels of each of these pictures."""

    def make(folder: Path) -> None:
        metric = METRICS[work.plan.recipe.metric]
        uncut = reference(work, core.facts.cut)
        with (
            label_writer(folder / _LABELS) as keep,
            work.progress.count("reference, calibration", len(pictures), "pictures") as tick,
        ):
            for sample in pictures:
                keep(metric.label(uncut.predict(sample.image)))
                tick()

    folder = work.memo.once("calibration-reference", measuring(work, core, pictures), make)
    return load_labels(folder / _LABELS)


def _no_truth(metric: MetricBackend, wanted: NDArray[Any]) -> Truth:
    """In the place of a truth that says no more than that every label counts."""
    if metric.AGAINST == "reference":
        return wanted
    return np.zeros(wanted.shape, np.uint8) if wanted.ndim else 0
