"""Every file of one model against the same clock: one thread, in rounds that take turns."""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.records import Row, Time
from benchmarks.quantization.subject import Subject
from convert.errors import RuntimeFailure
from convert.machine import machine
from convert.progress import Silence
from convert.runtimes import for_target
from convert.stages.bench import BenchJob, bench

_NODE = Path(__file__).parents[1] / "tfjs_wasm"


def times_key(rows: Mapping[str, Row], runs: int) -> str:
    """The digest of what decides the times: the files, and where they run."""
    whole = {
        "files": {name: row.sha256 for name, row in rows.items()},
        "machine": machine().model_dump(),
        "runs": runs,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def timed(subject: Subject, candidates: Mapping[str, Candidate], runs: int) -> dict[str, Time]:
    """The times of those that a runtime here measures; who breaks is left out."""
    jobs = [
        BenchJob(
            key=name,
            runtime=for_target(one.target).NAME,
            # Only the float32 file is the one that ratios are taken to.
            scheme="float32" if name == f"{one.target}-float32" else "uint8",
            path=one.path,
            signature=one.signature,
        )
        for name, one in candidates.items()
    ]
    found = bench(jobs, threads=(1,), runs=runs, progress=Silence())
    times = {
        name: Time(p50_ms=outcome.p50_ms, ratio=outcome.ratio_to_float32)
        for (name, _), outcome in found.items()
        if not isinstance(outcome, RuntimeFailure)
    }
    return times | _by_node(
        subject, {n: c.path for n, c in candidates.items() if c.target == "tfjs"}
    )


def _by_node(subject: Subject, folders: Mapping[str, Path]) -> dict[str, Time]:
    """On tfjs's wasm backend under Node (SIMD, one thread), if it is installed beside."""
    if not folders or not _node("-e", "require.resolve('@tensorflow/tfjs-backend-wasm')"):
        return {}
    shape = json.dumps([1, *subject.recipe.preprocessing.size, 3])
    told = _node("measure.js", shape, *map(str, folders.values()))
    if not told:
        return {}
    taken = dict(zip(folders, json.loads(told.splitlines()[-1]), strict=True))
    least = min(taken["tfjs-float32"]) if "tfjs-float32" in taken else None
    return {
        name: Time(p50_ms=median(times), ratio=min(times) / least if least else None)
        for name, times in taken.items()
    }


def _node(*arguments: str) -> str:
    """What Node says, and at least a space; nothing where it fails or is not there."""
    try:
        done = subprocess.run(
            ["node", *arguments], cwd=_NODE, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout or " "
