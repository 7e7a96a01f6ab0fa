"""Counted work under way: how far it is, how fast, how long it will take."""

import time
from dataclasses import dataclass, field

from convert.render.console import duration, size


@dataclass(kw_only=True)
class Count:
    """So many of `total` (None: unknown) units of `label` are done."""

    label: str
    total: int | None
    unit: str
    done: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, amount: int = 1) -> None:
        """Count `amount` more."""
        self.done += amount

    @property
    def owner(self) -> str:
        """What it is part of, such as `tflite-uint8` of `tflite-uint8 calibrate`."""
        return self.label.split(" ", 1)[0]

    @property
    def seconds(self) -> float:
        """Since it began."""
        return max(time.monotonic() - self.started, 1e-6)

    def summary(self) -> str:
        """What was done, in all."""
        unit = "" if self.unit == "B" else f" {self.unit}"
        return f"{self._amount(self.done)}{unit} in {duration(self.seconds)} ({self._rate()})"

    def short(self) -> str:
        """How far it is."""
        return f"{self._amount(self.done)}{f'/{self._amount(self.total)}' if self.total else ''}"

    def long(self) -> str:
        """How far it is, how fast, and how long it will take."""
        unit = "" if self.unit == "B" else f" {self.unit}"
        return "  ".join(filter(None, (self.short() + unit, self._rate(), self._left())))

    def _amount(self, count: float) -> str:
        return size(count) if self.unit == "B" else f"{count:.0f}"

    def _rate(self) -> str:
        rate = self.done / self.seconds
        return f"{size(rate)}/s" if self.unit == "B" else f"{rate:.1f}/s"

    def _left(self) -> str:
        if not self.total or not self.done or self.done >= self.total:
            return ""
        return f"{duration(self.seconds * (self.total - self.done) / self.done)} left"
