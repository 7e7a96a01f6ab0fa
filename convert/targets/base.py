"""What a target is: a module that writes the core graph as a file of its format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantization import Decisions, Range, Storage
from convert.signature import Signature
from convert.vocabulary import Layout, Record, Scheme, Target


class Metadata(Record):
    """What a file says of itself where its format has a place for it."""

    name: str
    description: str
    license: str
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    postprocessing: Postprocessing


@dataclass(frozen=True, kw_only=True)
class Export:
    """One file to be written."""

    core: Graph
    """One float32 NHWC picture input of fixed shape, one output, no batch norm, no atrous pairs."""
    scheme: Scheme
    layout: Layout
    """Of the file's picture input and map output, where the target leaves a choice."""
    metadata: Metadata
    calibration: Callable[[], Iterator[NDArray[np.float32]]]
    """Streams prepared inputs [1, H, W, 3] of calibration pictures; may be called again."""
    storage: Storage | None = None
    """What a file is written from whose runtime only stores in eight bits; as above."""
    decisions: Decisions | None = None
    """What an integer file is written from; the core then has the grid-valued kernels."""


class TargetBackend(Protocol):
    """A module of `convert.targets` that stands in its table."""

    NAME: Target
    FILE: str
    """The file or folder that it writes, such as "model.tflite"."""
    TOOLS: tuple[str, ...]
    """The packages whose versions decide what it writes."""

    def export(self, job: Export, folder: Path) -> Signature:
        """Write FILE into `folder`; what the file takes and gives.

        Raises UnsupportedError for what the format cannot express, ToolError where the
        converter fails.
        """
        ...


class IntegerBackend(Protocol):
    """A target whose runtime computes in integers."""

    def held_ranges(self, job: Export) -> Mapping[str, Range]:
        """The values at the ends of the codes that the file of an integer export stores.

        By the nodes of the core that they stand for, its input among them. What the file has in
        float is not there. Steps that operators must share are, so these are not quite the ranges
        of `job.decisions`.
        """
        ...


def first_lines(error: Exception) -> str:
    """What a converter says first, short enough for a message."""
    return " ".join(str(error).split("\n")[:3])[:500]


Backends = Mapping[Target, TargetBackend]
IntegerBackends = Mapping[Target, IntegerBackend]
