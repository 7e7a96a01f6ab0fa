"""What harms a recipe most in eight bits, once for the decisions that it is of."""

from convert.datasets.spread import spread
from convert.memo import code_digest, versions
from convert.pictures.prepare import prepare
from convert.pipeline.core import core
from convert.pipeline.decided import EightBits
from convert.pipeline.eight_bits import answers, eight_bits, recorded
from convert.pipeline.plan import Key, Plan
from convert.pipeline.work import Work, begin, read_record, write_record
from convert.progress import Progress
from convert.quantizers.sensitivity import sensitivity
from convert.report import Ranking

_FACTS = "ranking.json"
_MAPS, _SCORES = 8, 48
"""Pictures: a map has thousands of labels, a picture's class is one."""


def ranking_of(plan: Plan, progress: Progress) -> Ranking:
    """Bring, cut and decide as a run does, and rank: integers, where a target computes in them."""
    work = begin(plan, progress)
    made = core(work)
    targets = (key.target for key in plan.variants)
    computes = next((target for target in targets if target != "tfjs"), plan.variants[0].target)
    return ranking(work, eight_bits(work, made, Key(target=computes, scheme="uint8")))


def ranking(work: Work, eight: EightBits) -> Ranking:
    """Rank layers and tensors on pictures of the calibration split, unless that was done."""
    recipe = work.plan.recipe
    parts = {
        "decisions": eight.sha256,
        "calibration": work.plan.calibration_digests,
        "preprocessing": recipe.preprocessing.model_dump(),
        "answers": recorded(answers(work)),
        "tools": versions(("tensorflow", "numpy")),
        "code": code_digest("graph", "quantizers", "pictures", "datasets/spread.py"),
    }
    folder = work.memo.once("sensitivity", parts, lambda scratch: write_record(
        scratch, _FACTS, _ranked(work, eight)
    ))  # fmt: skip
    return read_record(folder, _FACTS, Ranking)


def _ranked(work: Work, eight: EightBits) -> Ranking:
    work.progress.stage("", "rank layers")
    shapes = eight.floats.shapes()
    maps = any(len(shapes[name] or ()) == 4 for name in eight.floats.outputs)
    calibration, pre = work.plan.calibration, work.plan.recipe.preprocessing
    chosen = spread(calibration.pictures, _MAPS if maps else _SCORES).pictures
    return sensitivity(
        eight.floats,
        eight.unrounded,
        eight.graph,
        eight.decisions.ranges if eight.decisions else {},
        [prepare(picture.read().image, pre).tensor for picture in chosen],
        answers=answers(work),
        progress=work.progress,
    )
