"""What is timed, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from convert.errors import RuntimeFailure
from convert.report import Latency
from convert.runtimes import BROWSER_RUNTIMES, named
from convert.signature import Signature
from convert.vocabulary import Scheme

Outcome = Latency | RuntimeFailure
"""What was measured, or why it could not be."""


@dataclass(frozen=True, kw_only=True)
class BenchJob:
    """One file to time; `key` is the caller's name for it, such as `tflite-uint8`."""

    key: str
    runtime: str
    """A name of `convert.runtimes.RUNTIMES` or `BROWSER_RUNTIMES`."""
    scheme: Scheme
    path: Path
    signature: Signature
    inputs: Mapping[str, Path] = field(default_factory=dict)
    """.npy files (float32, NHWC) by input name; random values where there are none."""
    seconds: float = 60.0
    """Of timed runs, after which a page takes no more; it has half as many to warm up."""

    @property
    def measured(self) -> bool:
        """Whether its runtime's times are what its users get."""
        return named(self.runtime).MEASURED

    @property
    def in_browser(self) -> bool:
        """Whether its runtime is a page's."""
        return self.runtime in BROWSER_RUNTIMES
