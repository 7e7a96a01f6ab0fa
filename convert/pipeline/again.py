"""Measure what is published again, from the folder alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from convert.datasets import open_split, root_of
from convert.errors import RuntimeFailure, SourceError, UsageError
from convert.machine import cores
from convert.manifest import NAME, Manifest, read_manifest
from convert.metrics import METRICS
from convert.metrics.base import pooled
from convert.pipeline.settings import Settings
from convert.progress import Progress
from convert.runtimes import RUNTIMES
from convert.runtimes.base import Session
from convert.stages.bench import BenchJob, Outcome, bench
from convert.stages.golden import OUTPUT, thinned
from convert.stages.verify import Predict, predictor, verify
from convert.store import digest, digest_file
from convert.vocabulary import Record

_NEAR = 1e-3
"""Share of the golden output's range that another machine's arithmetic may differ by."""


class Verified(Record):
    """What a published folder was found to be."""

    path: str
    golden_difference: float
    """Largest difference from the golden output, in parts of its range."""
    images: int
    metrics: dict[str, float]
    published: dict[str, float]
    """The same figures as the manifest has them."""
    same_pictures: bool
    passed: bool


def verify_again(
    folder: Path, settings: Settings, dataset: Path | None, limit: int | None, progress: Progress
) -> Verified:
    """Check digests and golden tensors, then measure on the evaluation split."""
    manifest = read_manifest(folder)
    damaged = _damaged(folder, manifest)
    if damaged:
        raise SourceError(
            f"{folder}: {', '.join(damaged)} is not what the manifest says",
            hint="The folder was changed after it was published: `convert run` makes it anew.",
        )
    recipe, signature = manifest.recipe, manifest.artifact.signature
    runtime = RUNTIMES[manifest.golden.runtime]
    session = runtime.open_session(folder / manifest.artifact.path, signature, cores())
    input_name = signature.inputs[0].name
    apart = _golden_difference(folder, manifest, session, input_name)
    predict = predictor(session, input_name, recipe.preprocessing, recipe.postprocessing)
    images, figures = _measured(predict, manifest, settings, dataset, limit, progress)
    published = {name: manifest.metrics[name].value for name in figures}
    same = images == manifest.images
    near = all(abs(figures[name] - published[name]) < _NEAR for name in figures)
    return Verified(
        path=str(folder),
        golden_difference=apart,
        images=images,
        metrics=figures,
        published=published,
        same_pictures=same,
        passed=apart < _NEAR and (near or not same),
    )


def _measured(
    predict: Predict,
    manifest: Manifest,
    settings: Settings,
    dataset: Path | None,
    limit: int | None,
    progress: Progress,
) -> tuple[int, dict[str, float]]:
    """How many pictures, and the figures over them; none where they need the reference."""
    recipe = manifest.recipe
    metric = METRICS[recipe.metric]
    if metric.AGAINST == "reference":
        progress.say(
            f"{recipe.metric} is measured against the reference, which a published folder does "
            "not hold: only its digests and golden tensors are checked"
        )
        return 0, {}
    root = root_of(recipe.dataset, dataset, settings.datasets, settings.mirror)
    choice = recipe.dataset
    split = open_split(choice, choice.evaluation, root, limit, recipe.classes, recipe.labels)
    seen = verify(
        predict,
        split,
        metric,
        recipe.classes,
        reference=None,
        label=f"{manifest.artifact.target}-{manifest.artifact.scheme}",
        progress=progress,
    )
    return len(split), dict(metric.figures(pooled(metric, seen.statistics)))


def _damaged(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Files that are absent or have another digest than the manifest says."""
    model = manifest.artifact
    wrong = [name for name, sha in manifest.files.items() if _digest(folder / name) != sha]
    if not (folder / model.path).exists() or digest(folder / model.path) != model.sha256:
        wrong.insert(0, model.path)
    return tuple(wrong)


def _digest(path: Path) -> str | None:
    return digest_file(path) if path.is_file() else None


def _golden_difference(
    folder: Path, manifest: Manifest, session: Session, input_name: str
) -> float:
    """The largest difference from the golden output, in parts of the output's range."""
    with np.load(folder / manifest.golden.file, allow_pickle=False) as golden:
        kept = {name: golden[name] for name in golden.files}
    outputs = session.run({input_name: kept["input"]})
    apart = 0.0
    for name, output in outputs.items():
        found, wanted = thinned(output, manifest.golden.stride), kept[f"{OUTPUT}{name}"]
        if found.shape != wanted.shape:
            raise RuntimeFailure(f"{folder}: {name} has shape {found.shape}, not {wanted.shape}")
        span = max(float(np.ptp(wanted)), 1e-9)
        apart = max(apart, float(np.abs(found - wanted).max()) / span)
    return apart


def bench_again(
    paths: Sequence[Path],
    runtime: str | None,
    threads: Sequence[int] | None,
    runs: int,
    progress: Progress,
) -> Mapping[tuple[str, int], Outcome]:
    """Time published variants, or all of a recipe's folder, in interleaved rounds."""
    folders = [folder for path in paths for folder in _variants(path)]
    jobs = [job for folder in folders if (job := _job(folder, runtime)) is not None]
    if not jobs:
        raise UsageError(
            f"nothing to time in {', '.join(map(str, paths))}"
            + (f" by {runtime}" if runtime else ""),
            hint=f"Runtimes that are timed: {', '.join(_timed())}.",
        )
    return bench(jobs, threads=threads, runs=runs, progress=progress)


def _variants(path: Path) -> list[Path]:
    """A variant's folder itself, or those of a recipe's."""
    if (path / NAME).is_file():
        return [path]
    inside = sorted(found.parent for found in path.glob(f"*/{NAME}"))
    if not inside:
        read_manifest(path)
    return inside


def _job(folder: Path, runtime: str | None) -> BenchJob | None:
    manifest = read_manifest(folder)
    model = manifest.artifact
    asked = [name for name in _timed() if runtime in (None, name)]
    found = next((name for name in asked if model.target == RUNTIMES[name].TARGET), None)
    if found is None:
        return None
    return BenchJob(
        key=folder.name,
        runtime=found,
        scheme=model.scheme,
        path=folder / model.path,
        signature=model.signature,
    )


def _timed() -> list[str]:
    return [name for name, runtime in RUNTIMES.items() if runtime.MEASURED]
