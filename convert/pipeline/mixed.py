"""Which few nodes stay in float so that the gate holds: searched once, with the real files."""

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from convert.datasets.base import Dataset
from convert.errors import UsageError
from convert.machine import instructions
from convert.memo import code_digest, versions
from convert.metrics import METRICS
from convert.pipeline.core import Core
from convert.pipeline.decided import EightBits
from convert.pipeline.eight_bits import eight_bits, tried
from convert.pipeline.measure import bench_job
from convert.pipeline.model import Model, write
from convert.pipeline.plan import Key
from convert.pipeline.ranking import ranking
from convert.pipeline.rehearsal import Rehearsal, judging, measuring, rehearse
from convert.pipeline.work import Work, read_record, write_record
from convert.quantizers.keep_float import Nodes, fewest, flow, order
from convert.recipe import Bounds
from convert.report import Assignment, Latency
from convert.runtimes import for_target
from convert.stages.bench import bench
from convert.targets import TARGETS
from convert.vocabulary import Target

_FACTS = "assignment.json"
_FOR_OTHERS = 0.9
"""Of the drop that a gate lets pass: the pictures that a run measures are others."""
_DROP_PER_DISAGREEMENT = 2
"""A label that changes costs at most about so much: of mean IoU, 0.4 to 1.9 has been measured."""
_RUNS = 50


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file with some nodes in float, measured on the calibration split."""

    model: Model
    found: Rehearsal
    passed: bool

    @property
    def agreement(self) -> float:
        """With the reference."""
        return self.found.agreement


def assignment(work: Work, core: Core, target: Target) -> Assignment:
    """What stays in float in a target's mixed file. What was found once is not searched again.

    Raises UsageError where the recipe has no gate that the search could aim at.
    """
    key = Key(target=target, scheme="mixed")
    bounds = _aim(work)
    eight = eight_bits(work, core, key)
    pictures = judging(work, eight)
    runtime, recipe = for_target(target), work.plan.recipe
    parts = {
        "decisions": eight.sha256,
        "target": target,
        "layout": recipe.targets[target].layout,
        "bounds": bounds.model_dump(),
        **measuring(work, core, pictures),
        "runtime": {runtime.NAME: runtime.version()},
        "machine": instructions(),
        "tools": versions(TARGETS[target].TOOLS),
        "searched": code_digest(
            "quantizers",
            "targets",
            "pipeline/mixed.py",
            "pipeline/rehearsal.py",
            "pipeline/eight_bits.py",
        ),
    }

    def make(folder: Path) -> None:
        write_record(folder, _FACTS, _searched(work, core, key, eight, bounds, pictures))

    return read_record(work.memo.once(f"{key}-kept", parts, make), _FACTS, Assignment)


def _aim(work: Work) -> Bounds:
    """What the file must surely do: what the gates say, the drop a little better than that."""
    recipe = work.plan.recipe
    gates = recipe.gates.bounds("mixed")
    apart, drop = gates.disagreement, gates.drop
    needs_truth = METRICS[recipe.metric].AGAINST == "truth"
    if apart is None and drop is not None and needs_truth:
        apart = max(drop, 0.0) / _DROP_PER_DISAGREEMENT
    if apart is None and drop is None:
        raise UsageError(
            f"{recipe.name}: mixed keeps in float what a gate demands, and none is given",
            hint="Give [gates.mixed] an agreement or a drop.",
        )
    return Bounds(
        agreement=None if apart is None else 1 - apart,
        drop=None if drop is None or needs_truth else _FOR_OTHERS * drop,
        bytes=gates.bytes,
    )


def _searched(
    work: Work, core: Core, key: Key, eight: EightBits, bounds: Bounds, pictures: Dataset
) -> Assignment:
    ranked = ranking(work, eight)
    known = flow(eight.floats, ranked)
    with tempfile.TemporaryDirectory() as scratch:
        search = _Search(work, core, key, bounds, pictures, Path(scratch))
        kept, found = fewest(order(known), search.check, known.costs)
        return Assignment(
            kept_float=tuple(sorted(kept)),
            pictures=len(pictures),
            agreement=found.agreement,
            drop=found.found.drop,
            bytes=found.model.facts.bytes,
            latency_ratio=_ratio(work, search.checked[Nodes()].model, found.model),
            checks=len(search.checked),
            passed=found.passed,
        )


@dataclass
class _Search:
    """Writes files with some nodes in float, and measures each."""

    work: Work
    core: Core
    key: Key
    bounds: Bounds
    pictures: Dataset
    scratch: Path
    checked: dict[Nodes, Checked] = field(default_factory=dict)

    def check(self, kept: Nodes) -> Checked:
        """Write a file and run it over the calibration split."""
        folder = self.scratch / str(len(self.checked))
        folder.mkdir()
        self.work.progress.stage(str(self.key), f"try {len(kept)} in float")
        eight = tried(self.work, self.core, self.key, kept, folder)
        model = write(self.work, self.core, self.key, eight, folder)
        found = rehearse(self.work, self.core, model, self.pictures)
        said = f"{self.key}: {len(kept)} in float: agreement {found.agreement:.3%}"
        said += f", surely {found.surely:.3%}"
        self.work.progress.say(f"{said}, {model.facts.bytes:,} bytes")
        passed = _holds(self.bounds, found, model.facts.bytes)
        self.checked[kept] = Checked(model=model, found=found, passed=passed)
        return self.checked[kept]


def _holds(bounds: Bounds, found: Rehearsal, size: int) -> bool:
    drop = found.drop
    return (
        (bounds.agreement is None or found.surely >= bounds.agreement)
        and (bounds.drop is None or drop is None or drop <= bounds.drop)
        and (bounds.bytes is None or size <= bounds.bytes)
    )


def _ratio(work: Work, without: Model, found: Model) -> float | None:
    """The found file's fastest run in parts of that without float layers; None: it is that file."""
    if without.path == found.path:
        return None
    named = {"integers": without, "mixed": found}
    jobs = [replace(bench_job(model), key=name) for name, model in named.items()]
    times = bench(jobs, threads=(1,), runs=_RUNS, progress=work.progress)
    one, other = times.get(("mixed", 1)), times.get(("integers", 1))
    if isinstance(one, Latency) and isinstance(other, Latency):
        return one.min_ms / other.min_ms
    return None
