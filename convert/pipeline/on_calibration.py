"""How a file does on calibration pictures, against the reference: there need be no truth."""

import math
from collections.abc import Iterator
from dataclasses import replace
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


def judging(work: Work, eight: EightBits) -> Dataset:
    """The calibration pictures that no layer was solved on; all, where those are too few."""
    whole = work.plan.calibration
    used = spread_places(len(whole), eight.walked)
    left = tuple(one for place, one in enumerate(whole.pictures) if place not in used)
    return whole if len(left) < _FEWEST else replace(whole, pictures=left)


def measured(work: Work, core: Core, model: Model, pictures: Dataset) -> tuple[float, float | None]:
    """Agreement with the reference, and the drop where the metric is against the reference."""
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
    agreed, counted = np.array(counts, np.int64).sum(axis=0)
    if not statistics:
        return float(agreed / max(1, counted)), None
    figures = metric.figures(pooled(metric, stacked(statistics)))
    lost = 1 - figures[metric.HEADLINE]
    return float(agreed / max(1, counted)), lost if math.isfinite(lost) else None


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


def measuring(work: Work, core: Core, pictures: Dataset) -> Parts:
    """What decides what is measured of any file on these pictures."""
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
