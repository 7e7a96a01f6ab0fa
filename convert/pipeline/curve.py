"""How well eight bits agree with the float network, against the pictures they were decided on."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Picture, Sample
from convert.datasets.spread import spread
from convert.errors import UsageError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.memo import code_digest, versions
from convert.metrics import METRICS
from convert.pictures.answer import answer
from convert.pictures.prepare import prepare
from convert.pipeline.core import Core, core
from convert.pipeline.eight_bits import decide_on
from convert.pipeline.plan import Plan
from convert.pipeline.work import Work, begin, read_record, write_record
from convert.progress import Progress
from convert.quantization import Range
from convert.quantizers.simulate import as_stored, simulated
from convert.report import Calibration
from convert.vocabulary import Record

_HELD_OUT = 16
"""Pictures at most that only measure: every third, so that as many as may be still calibrate."""
_FILE = "point.json"


class Point(Record):
    """One line of the curve."""

    images: int
    agreement: float
    """Share of labels that equal the float network's on the pictures held out."""
    seconds: float


class Curve(Record):
    """The curve of one recipe."""

    recipe: str
    calibration: Calibration
    held_out: int
    points: tuple[Point, ...]


def curve(plan: Plan, counts: Sequence[int], progress: Progress) -> Curve:
    """Decide on so many calibration pictures each, and compare on others of them.

    No picture of the evaluation split is looked at. Points of an earlier call stand. Raises
    UsageError where there are too few pictures.
    """
    work = begin(plan, progress)
    made = core(work)
    held, others = _held_out(plan.calibration.pictures)
    if not others:
        raise UsageError(
            f"{len(held)} calibration pictures are too few to hold some out",
            hint="--calibration DIR names a folder that has more.",
        )
    asked = sorted({min(count, len(others)) for count in counts})
    points = [_point(work, made, spread(others, count).pictures, held) for count in asked]
    return Curve(
        recipe=plan.recipe.name,
        calibration=plan.calibration_facts,
        held_out=len(held),
        points=tuple(points),
    )


def _held_out(pictures: Sequence[Picture]) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
    """Pictures that measure, and those that may calibrate."""
    held = tuple(pictures[::3][:_HELD_OUT])
    return held, tuple(picture for picture in pictures if picture not in held)


def _point(work: Work, made: Core, seen: Sequence[Picture], held: Sequence[Picture]) -> Point:
    def make(folder: Path) -> None:
        started = time.monotonic()
        work.progress.stage("", f"decide on {len(seen)} pictures")
        decided = decide_on(work, made, _stream(work, seen))
        seconds = time.monotonic() - started
        share = _agreement(work, made, decided.graph, decided.decisions.ranges, held)
        point = Point(images=len(seen), agreement=share, seconds=seconds)
        write_record(folder, _FILE, point)

    recipe = work.plan.recipe
    parts = {
        "core": made.facts.sha256,
        "seen": [picture.digest() for picture in seen],
        "held": [picture.digest() for picture in held],
        "preprocessing": recipe.preprocessing.model_dump(),
        "postprocessing": recipe.postprocessing.model_dump(),
        "metric": recipe.metric,
        "known": dict(made.ranges),
        "quantization": recipe.quantization.model_dump(),
        "drawn": work.plan.calibration_facts.kind == "synthesised",
        "tools": versions(("tensorflow", "numpy")),
        "code": code_digest("graph", "quantizers", "pictures", "metrics", "pipeline/curve.py"),
    }
    return read_record(work.memo.once("curve", parts, make), _FILE, Point)


def _stream(work: Work, pictures: Sequence[Picture]) -> Callable[[], Iterator[NDArray[np.float32]]]:
    pre = work.plan.recipe.preprocessing
    return lambda: (prepare(picture.read().image, pre).tensor for picture in pictures)


def _agreement(
    work: Work, made: Core, eight: Graph, ranges: Mapping[str, Range], held: Sequence[Picture]
) -> float:
    """The metric's agreement of the simulated eight-bit network with the float one."""
    recipe = work.plan.recipe
    metric, names = METRICS[recipe.metric], made.outputs
    floats, rounded = function(made.graph), function(simulated(eight, ranges))
    agreed = counted = 0
    for picture in held:
        sample = picture.read()
        prepared = prepare(sample.image, recipe.preprocessing)
        stored = as_stored(prepared.tensor, ranges[made.inputs[0]])
        wanted, found = (
            answer(dict(zip(names, outputs, strict=True)), recipe.postprocessing,
                   prepared.placement)
            for outputs in (floats(prepared.tensor), rounded(stored))
        )  # fmt: skip
        equal, of = metric.agreement(found, metric.label(wanted), _everywhere(sample))
        agreed, counted = agreed + equal, counted + of
    return agreed / counted if counted else float("nan")


def _everywhere(sample: Sample) -> Any:
    """Nothing is true of the picture, and no pixel of it is void."""
    return np.zeros(sample.image.shape[:2], np.uint8)
