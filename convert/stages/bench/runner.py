"""One job's turns: what it has measured so far, and what comes of it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np

from convert.errors import RuntimeFailure
from convert.machine import load
from convert.report import BrowserFacts, Latency
from convert.runtimes.base import SessionFacts
from convert.stages.bench.job import BenchJob, Outcome


class Runner(ABC):
    """One job that takes turns with others; a failure is kept for the outcome."""

    def __init__(self, job: BenchJob, threads: int) -> None:
        self.job = job
        self.facts = SessionFacts(threads=threads)
        self.peak_rss_mb: float | None = None
        self._seconds: list[float] = []
        self._failure: RuntimeFailure | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @abstractmethod
    def open(self) -> None:
        """Open the file and warm it up. Raises RuntimeFailure."""

    @abstractmethod
    def time(self, runs: int) -> Sequence[float]:
        """The seconds of so many runs, or of fewer. Raises RuntimeFailure."""

    @abstractmethod
    def close(self) -> None:
        """End what was opened."""

    def browser_facts(self) -> BrowserFacts | None:
        """What only a page has to tell."""
        return None

    def prepare(self) -> None:
        """Open the file and warm it up."""
        try:
            self.open()
        except RuntimeFailure as failure:
            self._failure = failure

    def take_turn(self, runs: int) -> None:
        """Time a round's runs, unless it has failed."""
        if self._failure:
            return
        try:
            self._seconds.extend(self.time(runs))
        except RuntimeFailure as failure:
            self._failure = failure

    def outcome(self, baseline: "Runner | None") -> Outcome:
        """The latency over all rounds, or the failure."""
        if self._failure:
            return self._failure
        milliseconds = 1000 * np.array(self._seconds)
        low, middle, high = (float(np.percentile(milliseconds, at)) for at in (25, 50, 90))
        return Latency(
            runtime=self.job.runtime,
            threads=self.facts.threads,
            min_ms=float(milliseconds.min()),
            p25_ms=low,
            p50_ms=middle,
            p90_ms=high,
            runs=milliseconds.size,
            load=load(),
            delegated_ops=self.facts.delegated_ops,
            total_ops=self.facts.total_ops,
            peak_rss_mb=self.peak_rss_mb,
            ratio_to_float32=self._ratio(baseline),
            browser=self.browser_facts(),
        )

    def _ratio(self, baseline: "Runner | None") -> float | None:
        if baseline is None or baseline._failure:
            return None
        return min(self._seconds) / min(baseline._seconds)
