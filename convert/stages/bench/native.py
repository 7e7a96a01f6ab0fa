"""A file on a native runtime, in a worker process of its own."""

from collections.abc import Sequence

from convert.runtimes.messages import Open
from convert.runtimes.remote import RemoteSession
from convert.stages.bench.job import BenchJob
from convert.stages.bench.runner import Runner


class NativeRunner(Runner):
    """A runtime that crashes or hangs ends its worker, and not the run."""

    def __init__(self, job: BenchJob, threads: int) -> None:
        super().__init__(job, threads)
        self._session = RemoteSession(
            Open(
                runtime=job.runtime,
                path=str(job.path),
                signature=job.signature,
                threads=threads,
                inputs={name: str(path) for name, path in job.inputs.items()},
            )
        )

    def open(self) -> None:
        """Load it in its worker."""
        self.facts = self._session.open()
        self._session.warm_up()

    def time(self, runs: int) -> Sequence[float]:
        """So many runs."""
        timed = self._session.time(runs)
        self.peak_rss_mb = timed.peak_rss_mb
        return timed.seconds

    def close(self) -> None:
        """End the worker."""
        self._session.close()
