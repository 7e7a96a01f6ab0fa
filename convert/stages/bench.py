"""How long each exported file takes on its runtime, so that the ratios hold on a busy machine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Self

import numpy as np

from convert.errors import RuntimeFailure
from convert.machine import cores, load
from convert.progress import Progress, Tick
from convert.report import Latency
from convert.runtimes import RUNTIMES
from convert.runtimes.base import SessionFacts
from convert.runtimes.messages import Open
from convert.runtimes.remote import RemoteSession
from convert.signature import Signature
from convert.vocabulary import Scheme

ROUNDS = 25

Outcome = Latency | RuntimeFailure
"""What was measured, or why it could not be."""


@dataclass(frozen=True, kw_only=True)
class BenchJob:
    """One file to time; `key` is the caller's name for it, such as `tflite-uint8`."""

    key: str
    runtime: str
    """A name of `convert.runtimes.RUNTIMES`."""
    scheme: Scheme
    path: Path
    signature: Signature
    inputs: Mapping[str, Path] = field(default_factory=dict)
    """.npy files (float32, NHWC) by input name; random values where there are none."""


def bench(
    jobs: Sequence[BenchJob],
    *,
    threads: Sequence[int] | None = None,
    runs: int = 50,
    progress: Progress,
) -> Mapping[tuple[str, int], Outcome]:
    """Time one model's files, by job key and threads (default: 1, and all cores).

    The files of one runtime are each opened in a process of their own and warmed up; then they
    are timed in many short rounds, in turns whose order rotates, so that what else the machine
    does falls on all alike. Jobs whose runtime is not measured are left out.
    """
    counts = tuple(dict.fromkeys(threads or (1, cores())))
    groups = [(group, count) for group in _by_runtime(jobs) for count in counts]
    a_round = -(-runs // ROUNDS)
    found: dict[tuple[str, int], Outcome] = {}
    total = sum(len(group) for group, _ in groups) * ROUNDS * a_round
    with progress.count("bench", total, "runs") as tick:
        for group, count in groups:
            for key, outcome in _compare(group, count, a_round, progress, tick).items():
                found[key, count] = outcome
    return found


def _by_runtime(jobs: Sequence[BenchJob]) -> Iterator[list[BenchJob]]:
    """The jobs of each measured runtime: those that are timed in the same rounds."""
    measured = [job for job in jobs if RUNTIMES[job.runtime].MEASURED]
    for _, group in groupby(sorted(measured, key=_runtime), key=_runtime):
        yield list(group)


def _runtime(job: BenchJob) -> str:
    return job.runtime


def _compare(
    jobs: Sequence[BenchJob], threads: int, runs: int, progress: Progress, tick: Tick
) -> dict[str, Outcome]:
    """Time one runtime's jobs, so many runs a round."""
    with ExitStack() as stack:
        runners = [stack.enter_context(_Runner(job, threads)) for job in jobs]
        for runner in runners:
            progress.stage(runner.job.key, "bench")
            runner.prepare()
        for turn in range(ROUNDS):
            first = turn % len(runners)
            for runner in runners[first:] + runners[:first]:
                runner.take_turn(runs)
                tick(runs)
    for job in jobs:
        progress.stage(job.key, "waiting")
    baseline = next((runner for runner in runners if runner.job.scheme == "float32"), None)
    return {runner.job.key: runner.outcome(baseline) for runner in runners}


class _Runner:
    """One job's worker, and what it has measured so far."""

    def __init__(self, job: BenchJob, threads: int) -> None:
        self.job = job
        self._session = RemoteSession(
            Open(
                runtime=job.runtime,
                path=str(job.path),
                signature=job.signature,
                threads=threads,
                inputs={name: str(path) for name, path in job.inputs.items()},
            )
        )
        self._facts = SessionFacts(threads=threads)
        self._seconds: list[float] = []
        self._peak_rss_mb = 0.0
        self._failure: RuntimeFailure | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.close()

    def prepare(self) -> None:
        """Open the file and warm it up; a failure is kept for the outcome."""
        try:
            self._facts = self._session.open()
            self._session.warm_up()
        except RuntimeFailure as failure:
            self._failure = failure

    def take_turn(self, runs: int) -> None:
        """Time a round's runs, unless it has failed."""
        if self._failure:
            return
        try:
            timed = self._session.time(runs)
        except RuntimeFailure as failure:
            self._failure = failure
            return
        self._seconds.extend(timed.seconds)
        self._peak_rss_mb = timed.peak_rss_mb

    def outcome(self, baseline: Self | None) -> Outcome:
        """The latency over all rounds, or the failure."""
        if self._failure:
            return self._failure
        milliseconds = 1000 * np.array(self._seconds)
        return Latency(
            runtime=self.job.runtime,
            threads=self._facts.threads,
            min_ms=float(milliseconds.min()),
            p50_ms=float(np.percentile(milliseconds, 50)),
            p90_ms=float(np.percentile(milliseconds, 90)),
            runs=milliseconds.size,
            load=load(),
            delegated_ops=self._facts.delegated_ops,
            total_ops=self._facts.total_ops,
            peak_rss_mb=self._peak_rss_mb,
            ratio_to_float32=self._ratio(baseline),
        )

    def _ratio(self, baseline: Self | None) -> float | None:
        if baseline is None or baseline._failure:
            return None
        return min(self._seconds) / min(baseline._seconds)
