"""Make work in other threads end soon after Ctrl-C."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from convert.progress import Progress, Tick

interrupted = Event()
"""Set by Ctrl-C. The KeyboardInterrupt alone is lost where it meets a `__del__`, of which
TensorFlow has thousands."""


class Stoppable:
    """A Progress that ends all work with KeyboardInterrupt, once `stop` is called or Ctrl-C is."""

    def __init__(self, inner: Progress) -> None:
        """Tell `inner` everything."""
        self._inner = inner
        self._stopped = Event()

    def stop(self) -> None:
        """End all work at its next tick or stage."""
        self._stopped.set()

    def say(self, text: str) -> None:
        """One finished fact."""
        self._inner.say(text)

    def stage(self, variant: str, stage: str) -> None:
        """A variant enters a stage, if the work is to go on."""
        self._look()
        self._inner.stage(variant, stage)

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        """Count, and look after each unit whether to go on."""
        with self._inner.count(label, total, unit) as tick:

            def checked(amount: int = 1) -> None:
                tick(amount)
                self._look()

            yield checked

    def _look(self) -> None:
        if self._stopped.is_set() or interrupted.is_set():
            raise KeyboardInterrupt
