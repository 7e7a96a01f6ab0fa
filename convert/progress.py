"""What long work says while it runs; the renderer listens, the stages speak."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Tick(Protocol):
    """One counted piece of work under way."""

    def __call__(self, amount: int = 1) -> None:
        """`amount` more units (bytes, pictures, runs) are done."""
        ...


class Progress(Protocol):
    """Where a run tells what it is doing."""

    def say(self, text: str) -> None:
        """One finished fact, worth a line of its own."""
        ...

    def stage(self, variant: str, stage: str) -> None:
        """`variant` (such as `tflite-uint8`, or `` for the whole run) enters `stage`."""
        ...

    def count(self, label: str, total: int | None, unit: str) -> AbstractContextManager[Tick]:
        """Count `total` units (None: unknown) of `unit` ("B", "pictures", "runs") of `label`."""
        ...


class Silence:
    """A Progress that says nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def stage(self, variant: str, stage: str) -> None:
        """Say nothing."""

    def count(self, label: str, total: int | None, unit: str) -> AbstractContextManager[Tick]:
        """Count without a word."""
        return nullcontext(_uncounted)


def _uncounted(amount: int = 1) -> None:
    """Take a tick and forget it."""
