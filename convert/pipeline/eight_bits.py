"""Decide about a core in eight bits: once for all targets, then for what each one's file stores."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from convert.memo import Parts, code_digest, versions
from convert.pipeline.core import Core
from convert.pipeline.decided import (
    EightBits,
    load_decided,
    load_stored,
    save_decided,
    save_stored,
)
from convert.pipeline.job import calibration, export_job
from convert.pipeline.plan import Key
from convert.pipeline.work import Work
from convert.quantization import Range
from convert.quantizers.answers import Answer, Answers, Kind
from convert.quantizers.decide import NONE, Decided, Premises, decide, round_for, settle
from convert.quantizers.keep_float import Nodes
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.spread import Pictures
from convert.quantizers.store_kernels import store_kernels
from convert.targets import INTEGERS, TARGETS

_TOOLS = ("tensorflow", "numpy")
_KINDS: Mapping[str, Kind] = {
    "argmax": "largest",
    "softmax": "largest",
    "sigmoid": "chance",
}


def eight_bits(
    work: Work, core: Core, key: Key, kept: Nodes = NONE, methods: Methods = ALL
) -> EightBits:
    """Decide for a variant in eight bits, unless that was done: integers, or storage (tfjs).

    Of integers, `kept` nodes stay in float. Where activations have more than eight bits, or ranges
    of each picture's own, weights are rounded for a float network, as those that are only stored.
    """
    if key.target == "tfjs":
        scales = work.plan.recipe.targets["tfjs"].channel_scales
        return _storage(work, core, methods, channel_scales=scales)
    if key.scheme in ("dynamic", "int16x8"):
        return _storage(work, core, methods, channel_scales=True, integers=True)
    if not kept:
        key = Key(target=key.target, scheme="uint8")  # of which mixed is then no other
    return _rounded(work, core, key, _settled(work, core, methods).keeping(kept), methods)


def tried(work: Work, core: Core, key: Key, kept: Nodes, folder: Path) -> EightBits:
    """Decide for integers with some nodes in float, in a folder that is not for keeping."""
    settled = _settled(work, core, ALL).keeping(kept)
    save_decided(folder, _rounded_for(work, core, key, settled, ALL))
    return load_decided(folder, core, settled.sha256)


def decide_on(work: Work, core: Core, pictures: Pictures) -> Decided:
    """Decide on pictures [1, h, w, 3] that are streamed anew at each call, for no one target."""
    return decide(core.graph, pictures, _premises(work, core, ALL), work.progress)


def answers(work: Work) -> Answers:
    """What the outputs are to their reader."""
    post = work.plan.recipe.postprocessing
    if post.boxes is None:
        return _KINDS.get(post.decode, "values")
    scores = Answer(
        kind=_KINDS.get(post.boxes.activation, "values"), background=post.boxes.background
    )
    return {post.boxes.scores: scores, post.boxes.boxes: Answer(where=post.boxes.scores)}


def recorded(said: Answers) -> object:
    """What the outputs are, as JSON-able values."""
    return said if isinstance(said, str) else {name: asdict(one) for name, one in said.items()}


def _settled(work: Work, core: Core, methods: Methods) -> EightBits:
    """The equalized core and its ranges, for every target that computes in integers."""

    def make(folder: Path) -> None:
        work.progress.stage("", "decide for eight bits")
        pictures = calibration(work, "integers")
        premises = _premises(work, core, methods)
        save_decided(folder, settle(core.graph, pictures, premises, work.progress))

    parts = {
        **_parts(work, core, methods),
        "answers": recorded(answers(work)),
        "known": dict(core.ranges),
        "ranges": work.plan.recipe.quantization.ranges,
    }
    return load_decided(work.memo.once("settled", parts, make), core)


def _rounded(work: Work, core: Core, key: Key, settled: EightBits, methods: Methods) -> EightBits:
    """Its kernels rounded for what this target's file stores."""

    def make(folder: Path) -> None:
        save_decided(folder, _rounded_for(work, core, key, settled, methods))

    parts = {
        "decisions": settled.sha256,
        "target": key.target,
        "mixed": key.scheme == "mixed",
        "layout": work.plan.recipe.targets[key.target].layout,
        "methods": vars(methods),
        "tools": versions(TARGETS[key.target].TOOLS),
        "code": code_digest("graph", "quantizers", "targets", "pictures"),
    }
    return load_decided(work.memo.once(f"{key.target}-integers", parts, make), core)


def _rounded_for(work: Work, core: Core, key: Key, settled: EightBits, methods: Methods) -> Decided:
    work.progress.stage(str(key), "round")
    return round_for(
        settled.floats,
        calibration(work, str(key)),
        _held(work, core, key, settled),
        _premises(work, core, methods),
        kept=settled.kept,
        progress=work.progress,
    )


def _held(work: Work, core: Core, key: Key, settled: EightBits) -> Mapping[str, Range]:
    """What the file would store, in the order in which the core computes it."""
    held = INTEGERS[key.target].held_ranges(export_job(work, core, key, settled))
    return {name: held[name] for name in settled.ranges if name in held}


def _storage(
    work: Work, core: Core, methods: Methods, *, channel_scales: bool, integers: bool = False
) -> EightBits:
    """Kernels for a float network; as `integers` they are decisions without ranges."""

    def make(folder: Path) -> None:
        work.progress.stage("", "round the stored kernels")
        save_stored(folder, store_kernels(
            core.graph, calibration(work, "storage"), channel_scales=channel_scales,
            methods=methods, drawn=_drawn(work), progress=work.progress,
        ))  # fmt: skip

    parts = {**_parts(work, core, methods), "channel_scales": channel_scales}
    return load_stored(work.memo.once("storage", parts, make), core, integers=integers)


def _premises(work: Work, core: Core, methods: Methods) -> Premises:
    way = work.plan.recipe.quantization.ranges
    return Premises(
        answers=answers(work),
        entry=_entry(work),
        known=core.ranges,
        methods=replace(methods, ranges=way) if way != "chosen" else methods,
        drawn=_drawn(work),
    )


def _drawn(work: Work) -> bool:
    return work.plan.calibration_facts.kind == "synthesised"


def _entry(work: Work) -> Range:
    """What black and white are to the network, over its channels."""
    pre = work.plan.recipe.preprocessing
    ends = [
        (level - mean) * scale
        for mean, scale in zip(pre.mean, pre.scale, strict=True)
        for level in (0, 255)
    ]
    return min(ends), max(ends)


def _parts(work: Work, core: Core, methods: Methods) -> Parts:
    return {
        "core": core.facts.sha256,
        "drawn": _drawn(work),
        "calibration": work.plan.calibration_digests,
        "preprocessing": work.plan.recipe.preprocessing.model_dump(),
        "methods": vars(methods),
        "tools": versions(_TOOLS),
        "code": code_digest("graph", "quantizers", "pictures"),
    }
