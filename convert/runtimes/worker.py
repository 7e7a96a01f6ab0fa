"""The child process that times one file: `python -m convert.runtimes.worker`.

It reads requests from stdin and writes answers to stdout, one JSON line each, until stdin ends.
It imports the one runtime that it is asked for.
"""

import gc
import os
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TextIO

import numpy as np

from convert.errors import RuntimeFailure
from convert.runtimes import RUNTIMES
from convert.runtimes.base import Array, Session
from convert.runtimes.messages import (
    REQUESTS,
    Answer,
    Broken,
    Open,
    Opened,
    Request,
    Time,
    Timed,
    WarmUp,
)
from convert.runtimes.tensors import nhwc_shape
from convert.signature import TensorSpec

_WINDOW = 5
_STABLE = 0.05
_MOST = 60
"""Runs after which a warm-up ends even where the times still move."""


def main() -> None:
    """Answer requests until stdin ends."""
    answers = _own_stdout()
    session: Session | None = None
    for line in sys.stdin:
        request = REQUESTS.validate_json(line)
        try:
            if isinstance(request, Open):
                session = _open(request)
            answer = _answer(request, session)
        except RuntimeFailure as failure:
            answer = Broken(message=failure.message)
        answers.write(answer.model_dump_json() + "\n")
        answers.flush()


def _own_stdout() -> TextIO:
    """Stdout for answers only: what a runtime prints goes to stderr."""
    mine = os.dup(1)
    os.dup2(2, 1)
    return open(mine, "w", encoding="utf-8")


def _answer(request: Request, session: Session | None) -> Answer:
    if session is None:
        raise RuntimeFailure("nothing is open")
    if isinstance(request, Open):
        facts = session.facts
        return Opened(
            threads=facts.threads, delegated_ops=facts.delegated_ops, total_ops=facts.total_ops
        )
    seconds = _warm_up(session, request) if isinstance(request, WarmUp) else _time(session, request)
    return Timed(seconds=tuple(seconds), peak_rss_mb=_peak_rss_mb())


def _open(request: Open) -> Session:
    session = RUNTIMES[request.runtime].open_session(
        Path(request.path), request.signature, request.threads
    )
    random = np.random.default_rng(request.seed)
    session.load({spec.name: _input(spec, request, random) for spec in request.signature.inputs})
    # From here on nothing is allocated that would need collecting.
    gc.collect()
    gc.disable()
    return session


def _input(spec: TensorSpec, request: Open, random: np.random.Generator) -> Array:
    """A float32 NHWC value: the given file's, or random in -1..1 with 1 for free dimensions."""
    if spec.name in request.inputs:
        value: Array = np.load(request.inputs[spec.name], allow_pickle=False)
        return value
    shape = [length or 1 for length in nhwc_shape(spec)]
    return random.uniform(-1, 1, shape).astype(np.float32)


def _warm_up(session: Session, request: WarmUp) -> list[float]:
    """Run until the last five times are the five before to within 5 %; seconds of each run."""
    seconds = [_timed(session) for _ in range(request.least)]
    while not _stable(seconds) and len(seconds) < max(_MOST, request.least):
        seconds.append(_timed(session))
    return seconds


def _stable(seconds: list[float]) -> bool:
    last, before = median(seconds[-_WINDOW:]), median(seconds[-2 * _WINDOW : -_WINDOW])
    return abs(last - before) <= _STABLE * before


def _time(session: Session, request: Time) -> list[float]:
    """Seconds of each run. One run before them, untimed, brings the file back into the caches."""
    session.invoke()
    return [_timed(session) for _ in range(request.runs)]


def _timed(session: Session) -> float:
    start = perf_counter()
    session.invoke()
    return perf_counter() - start


def _peak_rss_mb() -> float:
    """The most memory that this process has held, in MB (10^6 bytes).

    Not `ru_maxrss` where it can be helped: on Linux a child inherits it from its parent.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main()
