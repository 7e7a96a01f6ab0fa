"""Every file once more on the runtimes of the browser: the same pictures, metrics and reference."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from time import perf_counter

from convert.errors import RuntimeFailure
from convert.machine import cores
from convert.memo import code_digest
from convert.metrics import METRICS
from convert.observations import Observations, load_labels
from convert.pipeline.measure import Baseline
from convert.pipeline.model import Model, golden_tensors
from convert.pipeline.plan import Key
from convert.pipeline.work import Work, read_record, write_record
from convert.report import Elsewhere
from convert.runtimes import BrowserRuntime
from convert.runtimes.browser_session import BrowserSession
from convert.stages.golden import Likeness, replay
from convert.stages.judge import score
from convert.stages.verify import predictor, verify
from convert.store import digest_folder
from convert.web.browser import end_all, shared
from convert.web.features import features
from convert.web.page import PAGES

_SEEN, _LIKE = "observations.npz", "likeness.json"
_FEW = 5
"""Pictures that a runtime is shown at most which takes seconds for each."""
_SECONDS = 300.0
"""What running one file over the pictures may take: fewer are shown where all would take longer."""
_AGREE = 0.02
"""How much less of the reference's labels a file may give in the browser than where it was
verified: more is another computation."""


def observe_elsewhere(
    work: Work,
    models: Mapping[Key, Model],
    seen: Mapping[Key, Observations],
    baseline: Baseline,
) -> dict[Key, tuple[Elsewhere, ...]]:
    """Verify each file on each runtime of the browser that was asked for and takes it."""
    pairs = [
        (key, runtime)
        for key, model in models.items()
        for runtime in work.plan.options.runtimes
        if model.key.target == runtime.TARGET
    ]

    def see(pair: tuple[Key, BrowserRuntime]) -> Elsewhere:
        key, runtime = pair
        return _elsewhere(work, models[key], runtime, seen[key], baseline)

    with ThreadPoolExecutor(work.plan.options.jobs) as pool:
        try:
            found = list(pool.map(see, pairs))
        except BaseException:
            work.stop()
            # A page may compute for minutes before it answers.
            end_all()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {
        key: tuple(one for (at, _), one in zip(pairs, found, strict=True) if at == key)
        for key in models
    }


def _elsewhere(
    work: Work, model: Model, runtime: BrowserRuntime, native: Observations, baseline: Baseline
) -> Elsewhere:
    """What one runtime makes of one file: figures, or the reason why there are none."""
    browser = shared(gpu=runtime.gpu).version
    try:
        seen, like = _observe(work, model, runtime, baseline)
    except RuntimeFailure as failure:
        work.progress.say(f"{model.key} on {runtime.NAME}: {failure.message}")
        return Elsewhere(runtime=runtime.NAME, browser=browser, images=0, error=failure.message)
    images = len(seen.agreed)
    metrics = score(METRICS[work.plan.recipe.metric], seen, baseline.seen.first(images))
    error = disagreement(seen, native.first(images), model.runtime.NAME)
    return Elsewhere(
        runtime=runtime.NAME,
        browser=browser,
        images=images,
        metrics=metrics,
        correlation=like.correlation,
        passed=error is None,
        error=error,
    )


def _observe(
    work: Work, model: Model, runtime: BrowserRuntime, baseline: Baseline
) -> tuple[Observations, Likeness]:
    """Run one file over the pictures in a page, unless that was done.

    Raises RuntimeFailure where the runtime refuses it or answers something else.
    """
    recipe = work.plan.recipe
    parts = {
        "model": model.facts.sha256,
        "reference": baseline.parts,
        "runtime": {runtime.NAME: runtime.version()},
        "options": dict(runtime.options),
        "browser": shared(gpu=runtime.gpu).version,
        "pages": digest_folder(PAGES),
        "code": code_digest("runtimes", "web", "stages/golden.py"),
        "most": _most(work, runtime),
    }
    label = f"{model.key} {runtime.NAME}"
    metric = METRICS[recipe.metric]
    record, folder = golden_tensors(work, model)

    def make(made: Path) -> None:
        with runtime.open_session(model.path, model.facts.signature, cores()) as session:
            like = replay(
                session, model.input_name, folder, record, classified=metric.AGAINST == "truth"
            )
            if like.wrong:
                raise RuntimeFailure(f"silently wrong: {like.wrong}")
            images = min(_most(work, runtime), _affordable(session))
            seen = verify(
                predictor(session, model.input_name, recipe.preprocessing, recipe.postprocessing),
                work.plan.evaluation.first(images),
                metric,
                recipe.classes,
                reference=islice(load_labels(baseline.labels), images),
                label=label,
                progress=work.progress,
            )
        seen.save(made / _SEEN)
        write_record(made, _LIKE, like)

    found = work.memo.once(f"{model.key}-{runtime.NAME}-seen", parts, make)
    return Observations.load(found / _SEEN), read_record(found, _LIKE, Likeness)


def _affordable(session: BrowserSession) -> int:
    """How many pictures there is time for, by a run after the first, which is slower."""
    start = perf_counter()
    session.invoke()
    return max(1, int(_SECONDS / (perf_counter() - start)))


def _most(work: Work, runtime: BrowserRuntime) -> int:
    """How many pictures it is shown at most."""
    there = len(work.plan.evaluation)
    slow = runtime.slow or (runtime.gpu and features().software_gpu)
    return min(there, _FEW) if slow else there


def disagreement(there: Observations, here: Observations, native: str) -> str | None:
    """What is wrong where a file agrees with the reference less than on its native runtime."""
    found, wanted = _agreement(there), _agreement(here)
    if found >= wanted - _AGREE:
        return None
    return (
        f"silently wrong: it agrees with the reference on {found:.1%}, and {native} on {wanted:.1%}"
    )


def _agreement(seen: Observations) -> float:
    return float(seen.agreed.sum() / max(1, seen.counted.sum()))
