"""What a runtime is: a module that opens a file of one target and runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convert.signature import Signature
from convert.vocabulary import Target

Array = NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """What a runtime made of a file when it loaded it; None where it cannot tell."""

    threads: int
    delegated_ops: int | None = None
    total_ops: int | None = None


class Session(Protocol):
    """A loaded file, ready to run."""

    facts: SessionFacts

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once, on float32 NHWC values by input name, to float32 NHWC values by output name.

        The session does what the file's signature asks for: quantizes with the input's scale and
        zero point (rounding half away from zero, clipping), dequantizes, turns to NCHW and back.
        """
        ...

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Put the inputs in place as the file wants them, for `invoke`."""
        ...

    def invoke(self) -> None:
        """Run once on what `load` put in place, and do nothing else: this is what is timed."""
        ...


class Runtime(Protocol):
    """A module of `convert.runtimes` that stands in its table, or an entry of the browser's."""

    @property
    def NAME(self) -> str:
        """What reports and the command line call it."""
        ...

    @property
    def TARGET(self) -> Target:
        """Whose files it runs."""
        ...

    @property
    def MEASURED(self) -> bool:
        """Whether its latency is what the target's users get (False: accuracy only)."""
        ...

    def missing(self) -> str | None:
        """Why it cannot run here and what to install, or None where it can."""
        ...

    def version(self) -> str:
        """The runtime's version."""
        ...

    def open_session(self, path: Path, signature: Signature, threads: int) -> Session:
        """Load a file. Raises RuntimeFailure with the runtime's own words where it refuses."""
        ...
