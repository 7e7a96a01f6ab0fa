"""Gather every report with what stands beside it: recipes, worst pictures, layers, reasons."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import ValidationError

from convert import recipes
from convert.audit.rows import Row, rows_of
from convert.audit.section import Section
from convert.errors import ConvertError, RuntimeFailure, SourceError, UsageError
from convert.manifest import NAME, Manifest, read_manifest
from convert.pipeline.seen import worst_of
from convert.pipeline.settings import Settings
from convert.progress import Progress
from convert.recipe import Recipe
from convert.report import Report
from convert.runtimes import BROWSER_RUNTIMES, for_target
from convert.stages.bench import BenchJob, Outcome, bench
from convert.stages.layers import LayerError, layers
from convert.stages.why import Clock, Why, why
from convert.stages.worst import Worst, answer_of
from convert.vocabulary import Target

REPORT = "report.json"
_LOSSY = 2
"""Variants of a recipe whose worst pictures are shown."""
_RUNS = 50
_IN_PAGES = "tfjs-wasm-simd"
"""What times tfjs files: the fastest of a page's runtimes that has one thread and no GPU."""
_WITH_LAYERS: tuple[Target, ...] = ("tflite", "onnx")
"""Targets that compute in eight bits, so that each layer may lose something."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class AuditOptions:
    """What is done beside reading the reports."""

    dataset: Path | None = None
    pictures: int = 3
    """Worst pictures of a variant; 0: none is run again."""
    explain: bool = False
    """Whether published files are timed against the roofline."""
    details: bool = True
    """Whether anything but the reports is wanted."""


def read_reports(out: Path, names: Sequence[str]) -> tuple[Report, ...]:
    """The reports of these recipes, or of all, by name.

    Raises UsageError where there is none, SourceError where one cannot be read.
    """
    there = {path.parent.name: path for path in sorted(out.glob(f"*/{REPORT}"))}
    missing = [name for name in names if name not in there]
    if missing or not there:
        what = f"{missing[0]} has" if missing else f"no recipe in {out} has"
        raise UsageError(
            f"{what} no report",
            hint=f"`convert run {missing[0] if missing else 'deeplab-shapes'}` writes one.",
        )
    return tuple(_report(there[name]) for name in dict.fromkeys(names or there))


def audit(
    reports: Sequence[Report], settings: Settings, options: AuditOptions, progress: Progress
) -> tuple[Section, ...]:
    """A section for each report; what cannot be looked up is said in its notes."""
    with progress.count("audit", len(reports), "recipes") as tick:
        made = []
        for report in reports:
            made.append(_section(report, settings, options, progress))
            tick()
    return tuple(made)


def explain(paths: Sequence[Path], runs: int, progress: Progress) -> tuple[Why, ...]:
    """Why published variants, or all of a recipe's folder, take the time they take.

    The target's float32 is timed beside each, where it is published too: a ratio needs it.
    """
    found: list[Why] = []
    for path in paths:
        folders = [path] if (path / NAME).is_file() else _published(path) or [path]
        base = [at.parent / f"{at.name.partition('-')[0]}-float32" for at in folders]
        there = [at for at in base if (at / NAME).is_file()]
        manifests = {at: read_manifest(at) for at in dict.fromkeys([*there, *folders])}
        asked = {str(at) for at in folders}
        found += [one for one in why(manifests, _clock(runs, progress)) if one.path in asked]
    return tuple(found)


def _clock(runs: int, progress: Progress) -> Clock:
    """What times files in rotating turns, those of pages in the browser where there is one."""

    def clock(folders: Mapping[Path, Manifest]) -> Mapping[Path, Outcome | str]:
        in_pages = BROWSER_RUNTIMES[_IN_PAGES]
        without = in_pages.missing()
        jobs = [
            BenchJob(
                key=str(at),
                runtime=_IN_PAGES if one.artifact.target == "tfjs" else one.golden.runtime,
                scheme=one.artifact.scheme,
                path=at / one.artifact.path,
                signature=one.artifact.signature,
            )
            for at, one in folders.items()
            if not (without and one.artifact.target == in_pages.TARGET)
        ]
        found = bench(jobs, threads=(1,), runs=runs, progress=progress) if jobs else {}
        return {at: _timed(found.get((str(at), 1)), one, without) for at, one in folders.items()}

    return clock


def _timed(found: Outcome | None, manifest: Manifest, without: str | None) -> Outcome | str:
    """A time or a failure; in words where a page was not to be had."""
    if found is None:
        return str(without)
    if isinstance(found, RuntimeFailure) and manifest.artifact.target == "tfjs":
        return found.message
    return found


def _report(path: Path) -> Report:
    try:
        return Report.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        hint = f"`convert run {path.parent.name}` writes it anew."
        raise SourceError(f"{path}: {key}: {first['msg']}", hint=hint) from error


def _section(
    report: Report, settings: Settings, options: AuditOptions, progress: Progress
) -> Section:
    folder = settings.out / report.recipe
    notes: list[str] = []
    published = _manifests(folder, notes)
    recipe = _recipe(report.recipe, published)
    rows = rows_of(report)
    worst: Mapping[str, tuple[Worst, ...]] = {}
    errors: Mapping[Target, tuple[LayerError, ...]] = {}
    if options.details and options.pictures:
        worst = _worst(report, recipe, rows, settings, options, notes)
    if options.details:
        errors = dict(_all_layers(published, notes))
    whys: tuple[Why, ...] = ()
    if options.explain and published:
        whys = _attempt(
            lambda: why(published, _clock(_RUNS, progress)), (), "Where the time goes", notes
        )
    return Section(
        report=report,
        rows=rows,
        recipe=recipe,
        worst=dict(worst),
        layers=dict(errors),
        whys=whys,
        notes=tuple(notes),
    )


def _attempt(make: Callable[[], T], otherwise: T, what: str, notes: list[str]) -> T:
    try:
        return make()
    except ConvertError as error:
        notes.append(f"{what}: {error.message}")
        return otherwise


def _manifests(folder: Path, notes: list[str]) -> dict[Path, Manifest]:
    """Of every published folder; one that cannot be read is noted."""
    found = {}
    for at in _published(folder):
        try:
            found[at] = read_manifest(at)
        except ConvertError as error:
            notes.append(f"{at.name}: {error.message}")
    return found


def _published(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{NAME}"))


def _recipe(name: str, published: Mapping[Path, Manifest]) -> Recipe | None:
    """As it was published, or else as its file has it now."""
    for manifest in published.values():
        return manifest.recipe
    try:
        return recipes.load(recipes.find(name))
    except ConvertError:
        return None


def _worst(
    report: Report,
    recipe: Recipe | None,
    rows: Iterable[Row],
    settings: Settings,
    options: AuditOptions,
    notes: list[str],
) -> dict[str, tuple[Worst, ...]]:
    """Of the variants that agree least with the reference, and whose runtime is timed here."""
    if recipe is None or answer_of(recipe) is None:
        why = (
            "its recipe is not here" if recipe is None else "answers that are tensors are not drawn"
        )
        notes.append(f"Worst pictures: {why}.")
        return {}
    able = [row for row in rows if row.metrics and for_target(row.target).MEASURED]
    by_agreement = sorted(able, key=lambda row: row.metrics["agreement"].value)
    made = {(v.target, v.scheme): v for v in report.variants}
    found = {}
    for row in by_agreement[:_LOSSY]:
        variant = made[row.target, row.scheme]
        try:
            found[row.variant] = worst_of(
                recipe, variant, settings, options.dataset, options.pictures
            )
        except ConvertError as error:
            notes.append(f"Worst pictures of {row.variant}: {error.message}")
    return {name: shown for name, shown in found.items() if shown}


def _all_layers(
    published: Mapping[Path, Manifest], notes: list[str]
) -> Iterator[tuple[Target, tuple[LayerError, ...]]]:
    for target in _WITH_LAYERS:
        try:
            found = _layers(published, target)
        except ConvertError as error:
            notes.append(f"{target} layers: {error.message}")
            continue
        if found:
            yield target, found


def _layers(published: Mapping[Path, Manifest], target: Target) -> tuple[LayerError, ...]:
    """On the golden picture, where both of the target's files are published."""
    by_name = {at.name: (at, one) for at, one in published.items()}
    pair = [by_name.get(f"{target}-{scheme}") for scheme in ("float32", "uint8")]
    if pair[0] is None or pair[1] is None:
        return ()
    files = [at / one.artifact.path for at, one in filter(None, pair)]
    folder, manifest = pair[0]
    with np.load(folder / manifest.golden.file, allow_pickle=False) as kept:
        picture = kept["input"]
    return layers(files[0], files[1], target, picture)
