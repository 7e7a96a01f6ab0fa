"""A file in a page of its own, timed by the page's clock.

V8 compiles WebAssembly anew while it runs, so that fewer than 25 runs before the timed ones give
wrong figures; and a runtime that takes seconds a run is given an end.
"""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from convert.errors import RuntimeFailure
from convert.report import BrowserFacts
from convert.runtimes import BROWSER_RUNTIMES
from convert.runtimes.base import Array
from convert.runtimes.browser_session import BrowserSession
from convert.runtimes.tensors import nhwc_shape
from convert.signature import TensorSpec
from convert.stages.bench.job import BenchJob
from convert.stages.bench.runner import Runner
from convert.web.features import features

LEAST = 25
"""Runs of a warm-up."""
_MOST = 100
_SEED = 0


class BrowserRunner(Runner):
    """A page that is opened for this job alone."""

    def __init__(self, job: BenchJob, threads: int) -> None:
        super().__init__(job, threads)
        self._session: BrowserSession | None = None
        self._spent = 0.0
        self._bounded = False
        self._facts: BrowserFacts | None = None

    def open(self) -> None:
        """Open the page, run once from cold, and warm up."""
        runtime = BROWSER_RUNTIMES[self.job.runtime]
        self._session = session = runtime.open_session(
            self.job.path, self.job.signature, self.facts.threads
        )
        random = np.random.default_rng(_SEED)
        session.load(
            {spec.name: _input(spec, self.job, random) for spec in self.job.signature.inputs}
        )
        (first,) = session.time(1, seconds=0)
        warmed = session.warm_up(least=LEAST, most=_MOST, seconds=self.job.seconds / 2)
        self._bounded = len(warmed) < LEAST
        self.facts = session.facts
        page, site = session.page_facts(), session.page.site
        ours = [one for one in site.transfers if not one.path.startswith("pages/")]
        self._facts = BrowserFacts(
            browser=session.page.browser.version,
            wasm=session.loaded_wasm(),
            workers=page.workers,
            isolated=page.isolated,
            clock_us=page.clock_us,
            load_ms=session.opened.ms,
            first_ms=first,
            warm_up_runs=len(warmed) + 1,
            requests=len(ours),
            bytes_wire=sum(one.wire_bytes for one in ours),
            heap_mb=page.heap_mb,
            notes=session.opened.notes,
            correctness_only=runtime.gpu and features().software_gpu,
            bounded=self._bounded,
        )

    def time(self, runs: int) -> Sequence[float]:
        """So many runs, or fewer once the seconds of this job are spent."""
        left = self.job.seconds - self._spent
        if left <= 0:
            self._bounded = True
            return ()
        assert self._session
        start = perf_counter()
        found = self._session.time(runs, seconds=left)
        self._spent += perf_counter() - start
        return [ms / 1000 for ms in found]

    def browser_facts(self) -> BrowserFacts | None:
        """What the page told when it was warm, and whether its time was over."""
        return self._facts and self._facts.model_copy(update={"bounded": self._bounded})

    def close(self) -> None:
        """Close the page."""
        if self._session:
            self._session.close()


def _input(spec: TensorSpec, job: BenchJob, random: np.random.Generator) -> Array:
    """A float32 NHWC value: the given file's, or random in -1..1 with 1 for free dimensions."""
    if spec.name in job.inputs:
        try:
            value: Array = np.load(job.inputs[spec.name], allow_pickle=False)
        except (OSError, ValueError) as error:
            raise RuntimeFailure(f"{job.inputs[spec.name]}: {error}") from error
        return value
    shape = [length or 1 for length in nhwc_shape(spec)]
    return random.uniform(-1, 1, shape).astype(np.float32)
