"""Take a recipe down the whole road: pull, cut, convert, verify, bench, gate, publish."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

from convert.errors import ConvertError
from convert.observations import Observations
from convert.pipeline.core import core
from convert.pipeline.elsewhere import observe_elsewhere
from convert.pipeline.make import make
from convert.pipeline.measure import Baseline, observe, observe_reference, time_all
from convert.pipeline.model import Model, golden_tensors, weigh
from convert.pipeline.plan import Key, Plan
from convert.pipeline.refused import explained
from convert.pipeline.result import (
    Found,
    publish_passed,
    report_of,
    variant_of,
    withdraw_unmade,
)
from convert.pipeline.work import Work, begin, read_record, write_record
from convert.progress import Progress
from convert.report import Report
from convert.store import write_text
from convert.vocabulary import Record

REPORT = "report.json"
_DURATION = "duration.json"
T = TypeVar("T")
Attempts = dict[Key, T | ConvertError]


class Duration(Record):
    """How long a run took that had work to do."""

    seconds: float


def run(plan: Plan, progress: Progress) -> Report:
    """The whole road of one recipe. What stands from earlier runs is not done again.

    A variant that fails stands in the report with its error and the others go on; what fails
    before any variant is made is raised.
    """
    started = time.monotonic()
    for key in plan.variants:
        progress.stage(str(key), "waiting")
    work = begin(plan, progress)
    made = core(work)
    models = {key: _attempt(work, key, partial(make, work, made, key)) for key in plan.variants}
    baseline = observe_reference(work, made)
    seen = _observe_all(work, models, baseline)
    found = _elsewhere(work, _time(work, models, seen), baseline)
    variants = []
    for item in found.values():
        variant = explained(work, made, item.key, variant_of(work, item, baseline))
        publish_passed(work, made, item, variant)
        variants.append(variant)
    withdraw_unmade(plan)
    report = report_of(work, made, baseline, variants, time.monotonic() - started)
    write_text(plan.out / REPORT, report.model_dump_json(indent=1) + "\n")
    work.memo.sweep()
    if work.memo.made_any:
        write_record(work.memo.root, _DURATION, Duration(seconds=report.seconds))
    return report


def expected_seconds(plan: Plan) -> float | None:
    """How long the last run that did the work took; None where there was none."""
    try:
        return read_record(plan.settings.work / plan.recipe.name, _DURATION, Duration).seconds
    except OSError:
        return None


def _attempt(work: Work, key: Key, make: Callable[[], T]) -> T | ConvertError:
    """What `make` gives, or the error that this variant ends with."""
    try:
        made = make()
        work.progress.stage(str(key), "waiting")
        return made
    except ConvertError as error:
        work.progress.stage(str(key), "failed")
        work.progress.say(f"{key}: {error.message}")
        return error


def _observe_all(work: Work, models: Attempts[Model], baseline: Baseline) -> Attempts[Observations]:
    """Verify several files at once, and compress them and take their golden tensors beside."""

    def see(model: Model) -> Observations:
        weigh(work, model)
        golden_tensors(work, model)
        return observe(work, model, baseline)

    def attempt(key: Key, model: Model | ConvertError) -> Observations | ConvertError:
        return model if isinstance(model, ConvertError) else _attempt(work, key, lambda: see(model))

    with ThreadPoolExecutor(work.plan.options.jobs) as pool:
        waiting = {key: pool.submit(attempt, key, model) for key, model in models.items()}
        try:
            return {key: future.result() for key, future in waiting.items()}
        except BaseException:
            work.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _time(work: Work, models: Attempts[Model], seen: Attempts[Observations]) -> Mapping[Key, Found]:
    """Bring together what was found of each variant, timed if it can be run."""
    found = {key: Found.of(key, models[key], seen[key]) for key in models}
    good = [item.model for item in found.values() if item.model and not item.error]
    times = time_all(work, good)
    return {key: item.timed(times) for key, item in found.items()}


def _elsewhere(work: Work, found: Mapping[Key, Found], baseline: Baseline) -> Mapping[Key, Found]:
    """With what the browser makes of each variant that can be run, where that was asked for."""
    if not work.plan.options.runtimes:
        return found
    good = {key: item for key, item in found.items() if not item.error}
    models = {key: item.model for key, item in good.items() if item.model}
    seen = {key: item.seen for key, item in good.items() if item.seen}
    web = observe_elsewhere(work, models, seen, baseline)
    return {key: replace(item, web=web.get(key, ())) for key, item in found.items()}
