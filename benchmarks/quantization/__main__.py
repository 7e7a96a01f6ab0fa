"""Measure our eight-bit files and the peers' on the same pictures and write docs/quantization.md.

Run in convert's environment, in the checkout:
`python -m benchmarks.quantization [--models NAME,...] [--limit N]`.
What is measured is kept row by row, so that a run that was broken off goes on where it was.
"""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.quantization.ablation import ablation
from benchmarks.quantization.contestant import Contestant, candidate_of, settled
from benchmarks.quantization.floats import floats
from benchmarks.quantization.official import official
from benchmarks.quantization.own import own
from benchmarks.quantization.page import page
from benchmarks.quantization.peer_files import peer_files, tools_of
from benchmarks.quantization.peers import PEERS
from benchmarks.quantization.records import Kept, Measured, Row, load, save
from benchmarks.quantization.subject import Choice, Subject, open_subject
from benchmarks.quantization.timing import timed, times_key
from convert.machine import machine
from convert.memo import versions
from convert.metrics import METRICS
from convert.metrics.base import pooled
from convert.pipeline.settings import settings
from convert.store import write_text
from convert.vocabulary import Target

_MODELS = (
    "deeplab-mnv2-dm05",
    "mobilenet-v1-025-128",
    "mobilenet-v1-025-160",
    "meet-segmentation-96x160",
    "meet-segmentation-128x128",
    "meet-segmentation-144x256",
    "selfie-segmentation",
)
_HERE = Path(__file__).parent
_KEPT, _PAGE = _HERE / "measured.json", _HERE.parents[1] / "docs" / "quantization.md"
_TOOLS = ("tensorflow", "tensorflowjs", "tf2onnx", "onnx", "onnxruntime", "ai-edge-litert")
_NAMED = ("ai-edge-quantizer", "nncf")
_ABLATED: tuple[Target, ...] = ("tflite", "tfjs")


def main() -> None:
    """Measure what is not kept yet, model by model, and write the page after each."""
    options = _options()
    folder = settings().home / "peers"
    quick = folder / f"limit-{options.limit}"
    kept_in = options.kept or (_KEPT if options.limit is None else quick / "measured.json")
    page_at = options.page or (_PAGE if options.limit is None else quick / "quantization.md")
    kept = load(kept_in)
    for name in () if options.page_only else options.models.split(","):
        choice = Choice(recipe=name, limit=options.limit, calibrate=options.calibrate)
        subject = open_subject(choice)
        measured = _begun(subject, kept.models.get(name))

        def keep(measured: Measured, name: str = name) -> None:
            nonlocal kept
            kept = _dated(kept, {**kept.models, name: measured})
            save(kept_in, kept)

        measured = _rows(subject, _contestants(subject, choice, folder), measured, options, keep)
        if not options.no_times:
            measured = _timed(subject, choice, folder, measured, options, keep)
        if options.ablation and name in options.ablation.split(","):
            _ablated(subject, choice, measured, options, keep)
        write_text(page_at, page(kept))
    write_text(page_at, page(kept))
    print(page_at)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default=",".join(_MODELS), help="recipes, by commas")
    parser.add_argument("--only", help="rows, by commas, such as nncf-mixed,ours-tflite")
    parser.add_argument("--limit", type=int, help="score on so many pictures (default: all)")
    parser.add_argument("--calibrate", type=int, help="pictures (default: what recipes say)")
    parser.add_argument("--ablation", default=_MODELS[0], help="recipes, by commas; '' for none")
    parser.add_argument("--runs", type=int, default=50, help="inferences that are timed")
    parser.add_argument("--no-times", action="store_true", help="do not time")
    parser.add_argument("--retry", action="store_true", help="do again what failed")
    parser.add_argument("--page-only", action="store_true", help="write the page from what is kept")
    parser.add_argument("--kept", type=Path, help="the JSON (default: beside this script)")
    parser.add_argument("--page", type=Path, help="the page (default: docs/quantization.md)")
    return parser.parse_args()


def _contestants(subject: Subject, choice: Choice, cache: Path) -> list[Contestant]:
    return [
        *floats(subject),
        *official(subject),
        *peer_files(subject, cache / "environments"),
        *own(subject, choice),
    ]


def _begun(subject: Subject, kept: Measured | None) -> Measured:
    """With what was kept of this model, and what it is measured on now."""
    recipe, plan = subject.recipe, subject.work.plan
    metric = METRICS[recipe.metric]
    reference = metric.figures(pooled(metric, subject.baseline.seen.statistics))
    now = {
        "metric": metric.HEADLINE,
        "dataset": plan.dataset,
        "pictures": len(plan.evaluation),
        "calibration": len(plan.calibration),
        "reference": reference[metric.HEADLINE],
    }
    return kept.model_copy(update=now) if kept else Measured.model_validate(now)


def _rows(
    subject: Subject,
    wanted: list[Contestant],
    measured: Measured,
    options: argparse.Namespace,
    keep: Callable[[Measured], None],
) -> Measured:
    """Every row, kept as soon as it stands; rows that nobody asks for any more are dropped."""
    order = [one.name for one in wanted]
    measured = measured.model_copy(
        update={"rows": {name: measured.rows[name] for name in order if name in measured.rows}}
    )
    only = options.only.split(",") if options.only else order
    for one in (one for one in wanted if one.name in only):
        row = settled(subject, one, measured.rows.get(one.name), retry=options.retry)
        _tell(subject, one.name, row)
        rows = {**measured.rows, one.name: row}
        ordered = {name: rows[name] for name in order if name in rows}
        measured = measured.model_copy(update={"rows": ordered})
        keep(measured)
    return measured


def _timed(
    subject: Subject,
    choice: Choice,
    folder: Path,
    measured: Measured,
    options: argparse.Namespace,
    keep: Callable[[Measured], None],
) -> Measured:
    """All files anew where one of them is another than when they were timed."""
    key = times_key(measured.rows, options.runs)
    if key == measured.times_key:
        return measured
    found = {
        one.name: candidate
        for one in _contestants(subject, choice, folder)
        if one.name in measured.rows and not measured.rows[one.name].error
        if (candidate := candidate_of(subject, one)) is not None
    }
    times = timed(found, options.runs)
    measured = measured.model_copy(update={"times": times, "times_key": key})
    keep(measured)
    return measured


def _ablated(
    subject: Subject,
    choice: Choice,
    measured: Measured,
    options: argparse.Namespace,
    keep: Callable[[Measured], None],
) -> Measured:
    for target in _ABLATED:
        for one in ablation(subject, choice, target):
            kept = measured.ablation.get(one.name)
            row = settled(subject, one, kept, retry=options.retry)
            _tell(subject, one.name, row)
            rows = {**measured.ablation, one.name: row}
            measured = measured.model_copy(update={"ablation": rows})
            keep(measured)
    return measured


def _tell(subject: Subject, name: str, row: Row) -> None:
    said = row.error or f"agreement {100 * (row.agreement or 0):.2f} %, drop {row.drop:+.4f}"
    print(f"{subject.recipe.name} {name}: {said}", flush=True)


def _dated(kept: Kept, models: dict[str, Measured]) -> Kept:
    named: dict[str, str] = {}
    for peer in PEERS:
        named |= {name: made for name, made in tools_of(peer).items() if name in _NAMED}
    return kept.model_copy(
        update={
            "models": models,
            "date": date.today().isoformat(),
            "machine": machine(),
            "versions": {**versions(_TOOLS), **named},
        }
    )


if __name__ == "__main__":
    main()
