"""One model's rows, times and ablation: what is kept stands, the rest is measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.quantization.ablation import ablation
from benchmarks.quantization.contestant import Contestant, candidate_of, settled
from benchmarks.quantization.floats import floats
from benchmarks.quantization.journal import Journal
from benchmarks.quantization.official import official
from benchmarks.quantization.own import own
from benchmarks.quantization.peer_files import peer_files
from benchmarks.quantization.records import Measured, Row
from benchmarks.quantization.subject import Choice, Subject
from benchmarks.quantization.timing import timed, times_key
from convert.metrics import METRICS
from convert.metrics.base import pooled
from convert.vocabulary import Target

_ABLATED: tuple[Target, ...] = ("tflite", "tfjs")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What of the measuring is asked for."""

    runs: int
    """Inferences that are timed of each file; 0: none."""
    ablation: bool
    only: tuple[str, ...] | None = None
    """Names of rows; None: all."""
    retry: bool = False
    """Do again what failed."""


def measure(subject: Subject, choice: Choice, wishes: Wishes, journal: Journal) -> None:
    """Fill in what the journal does not have yet of this model."""
    name = subject.recipe.name
    wanted = [*floats(subject), *official(subject), *peer_files(subject), *own(subject, choice)]
    journal.put(name, _begun(subject, journal.get(name), [one.name for one in wanted]))
    asked = [one for one in wanted if wishes.only is None or one.name in wishes.only]
    for one, row in _rows(subject, asked, _known(journal, name).rows, wishes):
        now = _known(journal, name)
        rows = {**now.rows, one.name: row}
        ordered = {each.name: rows[each.name] for each in wanted if each.name in rows}
        journal.put(name, now.model_copy(update={"rows": ordered}))
    if wishes.runs:
        journal.put(name, _timed(subject, wanted, _known(journal, name), wishes.runs))
    steps = [one for target in _ABLATED for one in ablation(subject, choice, target)]
    kept = _known(journal, name).ablation
    for one, row in _rows(subject, steps if wishes.ablation else (), kept, wishes):
        now = _known(journal, name)
        journal.put(name, now.model_copy(update={"ablation": {**now.ablation, one.name: row}}))


def _known(journal: Journal, name: str) -> Measured:
    found = journal.get(name)
    assert found is not None
    return found


def _begun(subject: Subject, kept: Measured | None, names: list[str]) -> Measured:
    """What was kept of this model, without rows that nobody makes any more."""
    plan = subject.work.plan
    metric = METRICS[plan.recipe.metric]
    reference = metric.figures(pooled(metric, subject.baseline.seen.statistics))
    now = {
        "metric": metric.HEADLINE,
        "dataset": plan.dataset,
        "pictures": len(plan.evaluation),
        "calibration": len(plan.calibration),
        "reference": reference[metric.HEADLINE],
    }
    if kept is None:
        return Measured.model_validate(now)
    rows = {name: kept.rows[name] for name in names if name in kept.rows}
    return kept.model_copy(update={**now, "rows": rows})


def _rows(
    subject: Subject, wanted: Iterable[Contestant], kept: Mapping[str, Row], wishes: Wishes
) -> Iterable[tuple[Contestant, Row]]:
    """Each with its row, one after the other."""
    for one in wanted:
        row = settled(subject, one, kept.get(one.name), retry=wishes.retry)
        said = row.error or f"agreement {100 * (row.agreement or 0):.2f} %, drop {row.drop:+.4f}"
        print(f"{subject.recipe.name} {one.name}: {said}", flush=True)
        yield one, row


def _timed(subject: Subject, wanted: list[Contestant], measured: Measured, runs: int) -> Measured:
    """All files anew where one of them is another than when they were timed."""
    key = times_key(measured.rows, runs)
    if key == measured.times_key:
        return measured
    good = [one for one in wanted if one.name in measured.rows]
    found = {
        one.name: candidate
        for one in good
        if not measured.rows[one.name].error
        if (candidate := candidate_of(subject, one)) is not None
    }
    return measured.model_copy(update={"times": timed(subject, found, runs), "times_key": key})
