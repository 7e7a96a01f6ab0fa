"""What a run found of each variant, judged and published, and the report of it all."""

import math
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Self

import convert
from convert.bundle.timings import Timings
from convert.errors import ConvertError
from convert.machine import machine
from convert.manifest import NAME as MANIFEST
from convert.manifest import Lineage, Manifest
from convert.memo import versions
from convert.metrics import METRICS
from convert.metrics.base import pooled
from convert.observations import Observations
from convert.pipeline.core import Core
from convert.pipeline.measure import Baseline, Times
from convert.pipeline.model import Model, artifact, golden_tensors, weigh
from convert.pipeline.plan import Key, Plan
from convert.pipeline.work import Work
from convert.recipe import Recipe, Source
from convert.recipes import digest as recipe_digest
from convert.report import Assignment, Elsewhere, Latency, Reference, Report, SourceFacts, Variant
from convert.stages.judge import OF_TIMES, judge, score
from convert.stages.publish import publish, withdraw
from convert.targets import TARGETS
from convert.vocabulary import CALIBRATED, FURTHER_SCHEMES


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that is known of one variant before it is judged."""

    key: Key
    model: Model | None
    seen: Observations | None
    latency: tuple[Latency, ...] = ()
    web: tuple[Elsewhere, ...] = ()
    error: str | None = None

    @classmethod
    def of(cls, key: Key, model: Model | ConvertError, seen: Observations | ConvertError) -> Self:
        """From what making and verifying it gave."""
        error = next((r for r in (model, seen) if isinstance(r, ConvertError)), None)
        return cls(
            key=key,
            model=model if isinstance(model, Model) else None,
            seen=seen if isinstance(seen, Observations) else None,
            error=error.message if error else None,
        )

    def timed(self, times: Times) -> "Found":
        """With what the clock found."""
        name = str(self.key)
        error = self.error or times.failures.get(name)
        return replace(self, latency=times.latency.get(name, ()), error=error)


def variant_of(work: Work, found: Found, baseline: Baseline) -> Variant:
    """Score what was seen and hold it against the recipe's gates."""
    key, model, seen = found.key, found.model, found.seen
    if model is None or seen is None:
        return Variant(target=key.target, scheme=key.scheme, error=found.error)
    recipe = work.plan.recipe
    metric = METRICS[recipe.metric]
    metrics = score(metric, seen, baseline.seen)
    gates = judge(
        recipe.gates.bounds(key.scheme),
        headline=metric.HEADLINE,
        measured=metrics[metric.HEADLINE],
        agreement=metrics["agreement"].value,
        size=model.facts.bytes,
        latency=found.latency,
    )
    return Variant(
        target=key.target,
        scheme=key.scheme,
        path=f"{key}/{model.path.name}",
        sha256=model.facts.sha256,
        bytes=model.facts.bytes,
        bytes_brotli=weigh(work, model),
        metrics=metrics,
        per_class=metric.breakdown(pooled(metric, seen.statistics)),
        verified_by=model.runtime.NAME,
        web=found.web,
        latency=found.latency,
        gates=gates,
        passed=found.error is None and all(gate.passed for gate in gates),
        seconds=model.facts.seconds,
        error=found.error,
    )


def publish_passed(work: Work, core: Core, found: Found, variant: Variant) -> None:
    """Publish a variant that passes; take back what an earlier run published and this refuses."""
    final = work.plan.out / str(found.key)
    if not variant.passed or found.model is None:
        withdraw(final)
        work.progress.stage(str(found.key), "failed" if variant.error else "refused")
        return
    golden, folder = golden_tensors(work, found.model)
    manifest = Manifest(
        convert_version=convert.__version__,
        artifact=artifact(work, core, found.model),
        files={},
        lineage=_lineage(work, core),
        license=work.plan.recipe.license,
        tools=versions(TARGETS[found.key.target].TOOLS),
        golden=golden,
        images=len(work.plan.evaluation),
        dataset=work.plan.dataset,
        metrics=variant.metrics,
        web=variant.web,
        calibration=work.plan.calibration_facts if found.key.scheme in CALIBRATED else None,
        gates=tuple(gate for gate in variant.gates if gate.gate not in OF_TIMES),
        mixed=_without_times(variant.mixed),
        recipe=_published(work.plan.recipe),
    )
    timings = Timings(
        machine=machine(),
        latency=variant.latency,
        gates=tuple(gate for gate in variant.gates if gate.gate in OF_TIMES),
    )
    publish(manifest, timings, found.model.path, folder / golden.file, final)
    work.progress.stage(str(found.key), "published")


def _without_times(found: Assignment | None) -> Assignment | None:
    return found and found.model_copy(update={"latency_ratio": None})


def withdraw_unmade(plan: Plan) -> None:
    """Take back what an earlier recipe of this name published and this one no longer makes."""
    targets = plan.recipe.targets.items()
    made = {
        f"{target}-{scheme}"
        for target, choice in targets
        # What was asked for by --schemes stays.
        for scheme in (*choice.schemes, *FURTHER_SCHEMES.get(target, ()))
    }
    for manifest in plan.out.glob(f"*/{MANIFEST}"):
        if manifest.parent.name not in made:
            withdraw(manifest.parent)


def _lineage(work: Work, core: Core) -> Lineage:
    return Lineage(
        source_sha256=work.source.sha256,
        source_origin=_origin(work.plan.recipe.source, work.source.origin),
        core_sha256=core.facts.sha256,
        recipe_sha256=recipe_digest(_published(work.plan.recipe)),
    )


def _published(recipe: Recipe) -> Recipe:
    """The recipe as others read it: a file of one's own is named without this machine's folders."""
    if recipe.source.path is None:
        return recipe
    source = recipe.source.model_copy(update={"path": PurePath(recipe.source.path).name})
    return recipe.model_copy(update={"source": source})


def _origin(source: Source, brought: str) -> str:
    """Where anyone can have it from: not the mirror or folder that this machine took it from.

    A file of one's own may be out of a bundle, whose address was `brought` along.
    """
    own = PurePath(source.path).name if source.path else None
    if own and "://" in brought and not brought.startswith("file:"):
        return brought
    return next(filter(None, (*source.urls, source.bundled, own)))


def report_of(
    work: Work, core: Core, baseline: Baseline, variants: list[Variant], seconds: float
) -> Report:
    """The report of a whole run."""
    recipe = work.plan.recipe
    metric = METRICS[recipe.metric]
    total = pooled(metric, baseline.seen.statistics)
    packages = sorted({tool for v in variants for tool in TARGETS[v.target].TOOLS})
    return Report(
        recipe=recipe.name,
        recipe_sha256=recipe_digest(_published(recipe)),
        convert_version=convert.__version__,
        machine=machine(),
        tools=versions(packages),
        source=SourceFacts(
            sha256=work.source.sha256,
            bytes=work.source.bytes,
            format=recipe.source.format,
            license=recipe.license.id,
        ),
        cut=core.facts.proof,
        reference=Reference(
            metrics={k: v for k, v in metric.figures(total).items() if math.isfinite(v)},
            per_class=metric.breakdown(total),
            images=len(work.plan.evaluation),
            dataset=recipe.dataset.kind,
            split=recipe.dataset.evaluation,
        ),
        variants=tuple(variants),
        seconds=seconds,
        passed=all(
            variant.passed and all(there.passed for there in variant.web) for variant in variants
        ),
    )
