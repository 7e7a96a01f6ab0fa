"""A session in a process of its own: it is timed, measured, and may crash without us."""

from typing import TypeVar

from convert.errors import RuntimeFailure, ToolError
from convert.processes import Child, python_module
from convert.runtimes.base import SessionFacts
from convert.runtimes.messages import ANSWERS, Broken, Open, Opened, Request, Time, Timed, WarmUp

_LIMIT = 600.0
"""Seconds after which a request has failed."""

Wanted = TypeVar("Wanted", Opened, Timed)


class RemoteSession:
    """One file on one runtime in a worker process; `close` it."""

    def __init__(self, request: Open) -> None:
        """Start the worker; `open` loads the file."""
        self._request = request
        self._child = Child(python_module("convert.runtimes.worker"))

    def close(self) -> None:
        """End the worker."""
        self._child.close()

    def open(self) -> SessionFacts:
        """Load the file and its inputs. Raises RuntimeFailure where the runtime refuses it."""
        found = self._ask(self._request, Opened)
        return SessionFacts(
            threads=found.threads, delegated_ops=found.delegated_ops, total_ops=found.total_ops
        )

    def warm_up(self) -> Timed:
        """Run at least ten times and until the times are stable."""
        return self._ask(WarmUp(), Timed)

    def time(self, runs: int) -> Timed:
        """Run so often. Raises RuntimeFailure where the runtime breaks, crashes or hangs."""
        return self._ask(Time(runs=runs), Timed)

    def _ask(self, request: Request, wanted: type[Wanted]) -> Wanted:
        try:
            line = self._child.ask(request.model_dump_json(), seconds=_LIMIT)
        except ToolError as error:
            where = f"{self._request.runtime} on {self._request.path}"
            raise RuntimeFailure(f"{where}: {error.message}", hint=error.hint) from error
        answer = ANSWERS.validate_json(line)
        if isinstance(answer, Broken):
            raise RuntimeFailure(answer.message)
        assert isinstance(answer, wanted)
        return answer
