"""Make work in other threads end soon after Ctrl-C."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from convert.progress import Progress, Tick


class Stoppable:
    """A Progress whose counted work ends with KeyboardInterrupt once `stop` is called."""

    def __init__(self, inner: Progress) -> None:
        """Tell `inner` everything."""
        self._inner = inner
        self._stopped = Event()

    def stop(self) -> None:
        """End all counted work at its next tick."""
        self._stopped.set()

    def say(self, text: str) -> None:
        """One finished fact."""
        self._inner.say(text)

    def stage(self, variant: str, stage: str) -> None:
        """A variant enters a stage."""
        self._inner.stage(variant, stage)

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        """Count, and look after each unit whether to go on."""
        with self._inner.count(label, total, unit) as tick:

            def checked(amount: int = 1) -> None:
                tick(amount)
                if self._stopped.is_set():
                    raise KeyboardInterrupt

            yield checked
