"""Every file of one model against the same clock: one thread, in rounds that take turns."""

import hashlib
import json
from collections.abc import Mapping

from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.records import Row, Time
from convert.errors import RuntimeFailure
from convert.machine import machine
from convert.progress import Silence
from convert.runtimes import for_target
from convert.stages.bench import BenchJob, bench


def times_key(rows: Mapping[str, Row], runs: int) -> str:
    """The digest of what decides the times: the files, and where they run."""
    whole = {
        "files": {name: row.sha256 for name, row in rows.items()},
        "machine": machine().model_dump(),
        "runs": runs,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def timed(candidates: Mapping[str, Candidate], runs: int) -> dict[str, Time]:
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
    return {
        name: Time(p50_ms=outcome.p50_ms, ratio=outcome.ratio_to_float32)
        for (name, _), outcome in found.items()
        if not isinstance(outcome, RuntimeFailure)
    }
