"""How long each exported file takes on its runtime, so that the ratios hold on a busy machine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby

from convert.machine import cores
from convert.progress import Progress, Tick
from convert.stages.bench.browser import BrowserRunner
from convert.stages.bench.job import BenchJob, Outcome
from convert.stages.bench.native import NativeRunner
from convert.stages.bench.runner import Runner

__all__ = ["ROUNDS", "BenchJob", "Outcome", "bench"]

ROUNDS = 25
_PAGES = 16
"""Pages that are open at once: each holds a runtime and a model in memory."""

Group = tuple[Callable[[BenchJob, int], Runner], list[BenchJob], int]
"""Jobs that take turns with each other, how they are run, and their threads."""


def bench(
    jobs: Sequence[BenchJob],
    *,
    threads: Sequence[int] | None = None,
    runs: int = 50,
    progress: Progress,
) -> Mapping[tuple[str, int], Outcome]:
    """Time one model's files, by job key and threads (default: 1, and all cores).

    Files are opened side by side and warmed up; then they are timed in many short rounds, in turns
    whose order rotates, so that what else the machine does falls on all alike. The files of one
    native runtime take turns with each other, each in a process of its own; in the browser all
    files on all runtimes do, each in a page of its own, and a runtime's name says whether it has
    one thread or the most of `threads`. Jobs whose runtime is not measured are left out.
    """
    counts = tuple(dict.fromkeys(threads or (1, cores())))
    groups = [*_native(jobs, counts), *_in_browser(jobs, max(counts))]
    a_round = -(-runs // ROUNDS)
    found: dict[tuple[str, int], Outcome] = {}
    total = sum(len(group) for _, group, _ in groups) * ROUNDS * a_round
    with progress.count("bench", total, "runs") as tick:
        for group in groups:
            for key, outcome in _compare(group, a_round, progress, tick).items():
                found[key, group[2]] = outcome
    return found


def _native(jobs: Sequence[BenchJob], counts: Sequence[int]) -> Iterator[Group]:
    """The jobs of each native runtime that is measured, with each number of threads."""
    measured = [job for job in jobs if job.measured and not job.in_browser]
    for _, group in groupby(sorted(measured, key=_runtime), key=_runtime):
        together = list(group)
        yield from ((NativeRunner, together, count) for count in counts)


def _in_browser(jobs: Sequence[BenchJob], threads: int) -> Iterator[Group]:
    """The browser's jobs, as many at once as pages are open."""
    pages = [job for job in jobs if job.in_browser]
    for start in range(0, len(pages), _PAGES):
        yield BrowserRunner, pages[start : start + _PAGES], threads


def _runtime(job: BenchJob) -> str:
    return job.runtime


def _compare(group: Group, runs: int, progress: Progress, tick: Tick) -> dict[str, Outcome]:
    """Time jobs that take turns, so many runs a round."""
    runner_of, jobs, threads = group
    with ExitStack() as stack:
        runners = [stack.enter_context(runner_of(job, threads)) for job in jobs]
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
        return {runner.job.key: runner.outcome(_baseline(runner, runners)) for runner in runners}


def _baseline(runner: Runner, runners: Sequence[Runner]) -> Runner | None:
    """The float32 file on the same runtime."""
    alike = (one for one in runners if one.job.runtime == runner.job.runtime)
    return next((one for one in alike if one.job.scheme == "float32"), None)
