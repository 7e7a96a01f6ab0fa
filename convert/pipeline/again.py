"""Measure what is published again, from the folder alone."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from convert.datasets import open_split, root_of
from convert.errors import RuntimeFailure, SourceError, UsageError
from convert.machine import cores
from convert.manifest import NAME, Manifest, read_manifest
from convert.metrics import METRICS
from convert.metrics.base import pooled
from convert.pipeline.settings import Settings
from convert.progress import Progress
from convert.runtimes import BROWSER_RUNTIMES, RUNTIMES, browser_runtimes, named, require_here
from convert.runtimes.base import Runtime
from convert.runtimes.browser_session import BrowserSession
from convert.stages.bench import BenchJob, Outcome, bench
from convert.stages.golden import replay
from convert.stages.verify import Predict, predictor, verify
from convert.store import digest, digest_file
from convert.vocabulary import Record

_NEAR = 1e-3
"""Share of the golden output's range that another machine's arithmetic may differ by."""
_ELSEWHERE = 0.01
"""What a figure may differ by on another runtime than the one that the folder was verified on."""


class Verified(Record):
    """What a published folder was found to be."""

    path: str
    runtime: str
    golden_difference: float
    """Largest difference from the golden output, in parts of its range."""
    golden_correlation: float
    images: int
    metrics: dict[str, float]
    published: dict[str, float]
    """The same figures as the manifest has them."""
    same_pictures: bool
    passed: bool


def verify_again(
    folder: Path,
    settings: Settings,
    dataset: Path | None,
    limit: int | None,
    progress: Progress,
    runtime: str | None = None,
) -> Verified:
    """Check digests and golden tensors, then measure on the evaluation split.

    `runtime` is another than the one that the folder was verified on: its answers may differ as
    much as its arithmetic does. Raises RuntimeFailure where it computes something else.
    """
    manifest = read_manifest(folder)
    damaged = _damaged(folder, manifest)
    if damaged:
        raise SourceError(
            f"{folder}: {', '.join(damaged)} is not what the manifest says",
            hint="The folder was changed after it was published: `convert run` makes it anew.",
        )
    chosen = _require_fitting(runtime or manifest.golden.runtime, manifest, folder)
    recipe, signature = manifest.recipe, manifest.artifact.signature
    input_name = signature.inputs[0].name
    with ExitStack() as stack:
        session = chosen.open_session(folder / manifest.artifact.path, signature, cores())
        if isinstance(session, BrowserSession):
            stack.callback(session.close)
        truthful = METRICS[recipe.metric].AGAINST == "truth"
        like = replay(session, input_name, folder, manifest.golden, classified=truthful)
        if like.wrong:
            raise RuntimeFailure(
                f"{chosen.NAME} is silently wrong on {folder}: {like.wrong}",
                hint="Use another runtime for this file.",
            )
        predict = predictor(session, input_name, recipe.preprocessing, recipe.postprocessing)
        images, figures = _measured(predict, manifest, settings, dataset, limit, progress)
    published = {name: manifest.metrics[name].value for name in figures}
    same = images == manifest.images
    own = manifest.golden.runtime == chosen.NAME
    bound = _NEAR if own else _ELSEWHERE
    near = all(abs(figures[name] - published[name]) < bound for name in figures)
    return Verified(
        path=str(folder),
        runtime=chosen.NAME,
        golden_difference=like.difference,
        golden_correlation=like.correlation,
        images=images,
        metrics=figures,
        published=published,
        same_pictures=same,
        passed=(like.difference < _NEAR or not own) and (near or not same),
    )


def _require_fitting(name: str, manifest: Manifest, folder: Path) -> Runtime:
    """The runtime of that name. Raises UsageError or ToolError where it cannot run the file."""
    runtime = named(name)
    if manifest.artifact.target != runtime.TARGET:
        raise UsageError(
            f"{name} runs {runtime.TARGET} files, and {folder} is {manifest.artifact.target}"
        )
    require_here(runtime)
    return runtime


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


def bench_again(
    paths: Sequence[Path],
    words: Sequence[str],
    threads: Sequence[int] | None,
    runs: int,
    progress: Progress,
    seconds: float = 60.0,
) -> Mapping[tuple[str, int], Outcome]:
    """Time published variants, or all of a recipe's folder, in interleaved rounds.

    `words` name runtimes, or several of the browser's at once; none: the native ones. A job of the
    browser has the key `<variant>@<runtime>`, and after `seconds` takes no more runs.
    """
    runtimes = _asked(words)
    folders = [folder for path in paths for folder in _variants(path)]
    jobs = [job for folder in folders for job in _jobs(folder, runtimes, seconds)]
    if not jobs:
        raise UsageError(
            f"nothing to time in {', '.join(map(str, paths))}"
            + (f" by {', '.join(words)}" if words else ""),
            hint=f"Runtimes that are timed: {', '.join((*_timed(), *BROWSER_RUNTIMES))}.",
        )
    return bench(jobs, threads=threads, runs=runs, progress=progress)


def _asked(words: Sequence[str]) -> tuple[str, ...]:
    """Names of runtimes. Raises UsageError where there is no such, ToolError where one lacks."""
    native = [word for word in words if word in RUNTIMES]
    pages = browser_runtimes(tuple(word for word in words if word not in RUNTIMES))
    asked: list[Runtime] = [*map(named, native), *pages]
    for runtime in asked:
        require_here(runtime)
    return (*native, *(page.NAME for page in pages)) if words else tuple(_timed())


def _variants(path: Path) -> list[Path]:
    """A variant's folder itself, or those of a recipe's."""
    if (path / NAME).is_file():
        return [path]
    inside = sorted(found.parent for found in path.glob(f"*/{NAME}"))
    if not inside:
        read_manifest(path)
    return inside


def _jobs(folder: Path, runtimes: Sequence[str], seconds: float) -> list[BenchJob]:
    """One for each runtime that times the folder's file."""
    manifest = read_manifest(folder)
    model = manifest.artifact
    fitting = [name for name in runtimes if model.target == named(name).TARGET]
    return [
        BenchJob(
            key=f"{folder.name}@{name}" if name in BROWSER_RUNTIMES else folder.name,
            runtime=name,
            scheme=model.scheme,
            path=folder / model.path,
            signature=model.signature,
            seconds=seconds,
        )
        for name in fitting
        if named(name).MEASURED
    ]


def _timed() -> list[str]:
    return [name for name, runtime in RUNTIMES.items() if runtime.MEASURED]
