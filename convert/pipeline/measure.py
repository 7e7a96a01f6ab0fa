"""The reference and every file on the same pictures, and every file against the same clock."""

import math
from dataclasses import dataclass
from pathlib import Path

from convert.errors import RuntimeFailure, SourceError
from convert.machine import cores, machine
from convert.memo import Parts, code_digest
from convert.metrics import METRICS
from convert.metrics.base import pooled
from convert.observations import Observations, label_writer, load_labels
from convert.pipeline.core import Core, reference
from convert.pipeline.model import Model
from convert.pipeline.work import Work, read_record, write_record
from convert.report import Latency
from convert.stages.bench import BenchJob, bench
from convert.stages.verify import predictor, verify
from convert.vocabulary import Record

SEEN, LABELS, _TIMES = "observations.npz", "labels.npz", "latency.json"


class Times(Record):
    """What the clock found for each variant, or why it found nothing."""

    latency: dict[str, tuple[Latency, ...]]
    failures: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the reference made of the evaluation split."""

    seen: Observations
    labels: Path
    parts: Parts


def observe_reference(work: Work, core: Core) -> Baseline:
    """Run the uncut graph over the evaluation split, unless that was done."""
    recipe = work.plan.recipe
    parts = {
        "source": work.source.sha256,
        "cut": core.facts.cut.model_dump(),
        **_measuring(work),
        "code": code_digest("graph", "metrics", "pictures", "runtimes", "datasets"),
    }

    def make(folder: Path) -> None:
        work.progress.stage("reference", "verify")
        with label_writer(folder / LABELS) as keep:
            seen = verify(
                reference(work, core.facts.cut).predict,
                work.plan.evaluation,
                METRICS[recipe.metric],
                recipe.classes,
                reference=None,
                label="reference",
                progress=work.progress,
                keep=keep,
            )
        seen.save(folder / SEEN)
        work.progress.stage("reference", "waiting")

    folder = work.memo.once("reference", parts, make)
    seen = Observations.load(folder / SEEN)
    _require_truth(work, seen)
    return Baseline(seen=seen, labels=folder / LABELS, parts=parts)


def _require_truth(work: Work, seen: Observations) -> None:
    metric = METRICS[work.plan.recipe.metric]
    total = metric.figures(pooled(metric, seen.statistics))
    if not math.isfinite(total[metric.HEADLINE]):
        raise SourceError(
            f"{work.plan.dataset}: none of {len(work.plan.evaluation)} pictures has anything that "
            f"{metric.HEADLINE} can be taken of",
            hint="Give pictures of what the model is for, with masks, boxes or labels where the "
            "metric needs them: docs/recipes.md tells each layout.",
        )


def observe(work: Work, model: Model, baseline: Baseline) -> Observations:
    """Run one file over the evaluation split, unless that was done."""
    recipe = work.plan.recipe
    parts = {
        "model": model.facts.sha256,
        "reference": baseline.parts,
        "runtime": {model.runtime.NAME: model.runtime.version()},
    }

    def make(folder: Path) -> None:
        work.progress.stage(str(model.key), "verify")
        session = model.open_session(max(1, cores() // work.plan.options.jobs))
        seen = verify(
            predictor(session, model.input_name, recipe.preprocessing, recipe.postprocessing),
            work.plan.evaluation,
            METRICS[recipe.metric],
            recipe.classes,
            reference=load_labels(baseline.labels),
            label=str(model.key),
            progress=work.progress,
        )
        seen.save(folder / SEEN)

    return Observations.load(work.memo.once(f"{model.key}-seen", parts, make) / SEEN)


def time_all(work: Work, models: list[Model]) -> Times:
    """Time all files in interleaved rounds, unless these very files were timed here before."""
    timed = [model for model in models if model.runtime.MEASURED]
    parts = {
        "models": {str(model.key): model.facts.sha256 for model in timed},
        "runtimes": {model.runtime.NAME: model.runtime.version() for model in timed},
        "machine": machine().model_dump(),
        "code": code_digest("runtimes", "stages/bench"),
    }

    def make(folder: Path) -> None:
        found = bench([bench_job(model) for model in timed], progress=work.progress)
        latency: dict[str, tuple[Latency, ...]] = {}
        failures: dict[str, str] = {}
        for (key, _), outcome in found.items():
            if isinstance(outcome, RuntimeFailure):
                failures[key] = outcome.message
            else:
                latency[key] = (*latency.get(key, ()), outcome)
        write_record(folder, _TIMES, Times(latency=latency, failures=failures))

    return read_record(work.memo.once("latency", parts, make), _TIMES, Times)


def bench_job(model: Model) -> BenchJob:
    """What the clock is told of a file."""
    return BenchJob(
        key=str(model.key),
        runtime=model.runtime.NAME,
        scheme=model.key.scheme,
        path=model.path,
        signature=model.facts.signature,
    )


def _measuring(work: Work) -> Parts:
    """What decides every figure, whatever file it is of."""
    recipe = work.plan.recipe
    return {
        "preprocessing": recipe.preprocessing.model_dump(),
        "postprocessing": recipe.postprocessing.model_dump(),
        "metric": recipe.metric,
        "classes": recipe.classes,
        "pictures": work.plan.evaluation_digests,
    }
