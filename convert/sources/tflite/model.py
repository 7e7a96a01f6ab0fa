"""What a TFLite file says, as plain records."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTIZED = frozenset({"UINT8", "INT8", "INT16", "INT32", "INT4"})
"""Tensor types that stand for real numbers where they have scales."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """real = scale * (stored - zero_point); n of each, along `axis` where n is not 1."""

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int64]
    axis: int


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """A tensor of the file; `kind` is its TensorType's name, such as FLOAT16."""

    index: int
    name: str
    kind: str
    shape: tuple[int | None, ...]
    """None: a free dimension."""
    data: NDArray[np.uint8] | None
    """The bytes of a constant."""
    steps: Steps | None
    """None where it is not quantized."""
    sparsity: Any = None
    """A SparsityParametersT, where the constant is stored sparse."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """An operator of the file, in the order of running."""

    position: int
    kind: str
    """A BuiltinOperator's name, such as CONV_2D, or a custom operator's own."""
    custom: bool
    inputs: tuple[int, ...]
    """Tensor indices; -1 where an optional one is left out."""
    outputs: tuple[int, ...]
    options: Any
    """The options table, such as Conv2DOptionsT; None where the file has none."""
    custom_options: bytes


@dataclass(frozen=True, kw_only=True)
class Model:
    """A file's first subgraph."""

    path: Path
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: Mapping[int, str]
    """Tensor index -> name, the signature's where there is one."""
    outputs: Mapping[int, str]
