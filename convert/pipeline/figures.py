"""How good two published models are on the same pictures, and how far that may be chance."""

import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from convert.datasets import open_split, root_of
from convert.datasets.base import Dataset
from convert.difference import FigureDifference, Figures
from convert.machine import cores
from convert.manifest import Manifest
from convert.metrics import METRICS
from convert.metrics.base import MetricBackend, pooled
from convert.metrics.bootstrap import drop_interval
from convert.observations import Observations, label_writer, load_labels
from convert.pipeline.settings import Settings
from convert.progress import Progress
from convert.recipe import Recipe
from convert.runtimes import RUNTIMES
from convert.stages.verify import Predict, predictor, verify

_SEEN, _PARTS = "observations.npz", "parts.json"


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What was asked to be measured on."""

    settings: Settings
    dataset: Path | None
    limit: int | None


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published folder and its manifest."""

    folder: Path
    manifest: Manifest

    def predict(self) -> Predict:
        """Load it on the runtime that its golden tensors are of."""
        recipe, model = self.manifest.recipe, self.manifest.artifact
        runtime = RUNTIMES[self.manifest.golden.runtime]
        session = runtime.open_session(self.folder / model.path, model.signature, cores())
        name = model.signature.inputs[0].name
        return predictor(session, name, recipe.preprocessing, recipe.postprocessing)


def kept_figures(a: Manifest, b: Manifest, settings: Settings) -> Figures | None:
    """From what `convert run` observed of both on the same pictures; None where it is not here."""
    metric = METRICS[a.recipe.metric]
    of_a, of_b = (dict(_kept(one, settings)) for one in (a, b))
    for parts in of_a.keys() & of_b.keys():
        seen_a, seen_b = (Observations.load(of[parts]) for of in (of_a, of_b))
        if len(seen_a.statistics) == a.images == len(seen_b.statistics):
            return Figures(
                images=a.images,
                dataset=a.dataset,
                kept=True,
                against=metric.AGAINST,
                figures=_figures(metric, seen_a, seen_b),
            )
    return None


def measured_figures(a: Published, b: Published, wanted: Pictures, progress: Progress) -> Figures:
    """Run both over A's evaluation split; B is held against A where there is no truth."""
    recipe = a.manifest.recipe
    metric = METRICS[recipe.metric]
    split = evaluation(recipe, wanted, most=wanted.limit)
    with tempfile.TemporaryDirectory() as scratch:
        labels = Path(scratch, "labels.npz")
        with label_writer(labels) as keep:
            seen_a = verify(
                a.predict(),
                split,
                metric,
                recipe.classes,
                reference=None,
                label="a",
                progress=progress,
                keep=keep,
            )
        seen_b = verify(
            b.predict(),
            split,
            metric,
            recipe.classes,
            reference=load_labels(labels),
            label="b",
            progress=progress,
        )
    against: Literal["truth", "a"] = "truth" if metric.AGAINST == "truth" else "a"
    return Figures(
        images=len(split),
        dataset=f"{recipe.dataset.kind} {recipe.dataset.evaluation}",
        kept=False,
        against=against,
        figures=_figures(metric, seen_a, seen_b),
    )


def evaluation(recipe: Recipe, wanted: Pictures, most: int | None) -> Dataset:
    """The recipe's evaluation split, or its first pictures.

    Raises UsageError where its folder is not here.
    """
    choice, settings = recipe.dataset, wanted.settings
    root = root_of(choice, wanted.dataset, settings.datasets, settings.mirror)
    true = METRICS[recipe.metric].AGAINST == "truth"
    named = (recipe.classes, recipe.labels) if true else (None, None)
    return open_split(choice, choice.evaluation, root, most, *named)


def _kept(manifest: Manifest, settings: Settings) -> Iterator[tuple[str, Path]]:
    """What was seen of a published file: what decided the pictures and the metric -> the file."""
    for path in (settings.work / manifest.recipe.name).glob(f"*-seen-*/{_PARTS}"):
        parts = json.loads(path.read_bytes())
        if parts.get("model") == manifest.artifact.sha256:
            yield json.dumps(parts["reference"], sort_keys=True), path.parent / _SEEN


def _figures(
    metric: MetricBackend, a: Observations, b: Observations
) -> tuple[FigureDifference, ...]:
    values_a, values_b = (metric.figures(pooled(metric, one.statistics)) for one in (a, b))
    interval = drop_interval(a.statistics, b.statistics, metric)
    found = [
        FigureDifference(
            name=name,
            a=values_a[name],
            b=values_b[name],
            drop=values_a[name] - values_b[name],
            drop_ci95=interval if name == metric.HEADLINE else None,
        )
        for name in values_a
        if math.isfinite(values_a[name]) and math.isfinite(values_b.get(name, math.nan))
    ]
    return (*found, _agreement(a, b))


def _agreement(a: Observations, b: Observations) -> FigureDifference:
    shares = [float(one.agreed.sum() / max(one.counted.sum(), 1)) for one in (a, b)]
    return FigureDifference(name="agreement", a=shares[0], b=shares[1], drop=shares[0] - shares[1])
