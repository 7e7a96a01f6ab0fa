"""What a rule for one kind of operator says, and what it may look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from convert.quantization import Range
from convert.targets.tflite_integer.kernels import Kernels
from convert.targets.tflite_integer.network import Op, Steps, Tensor


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What surrounds an operator that is being written."""

    kernels: Kernels
    makers: Mapping[Tensor, Op]
    """Of the float network."""
    readers: Mapping[Tensor, list[Op]]
    ends: frozenset[Tensor]
    """The network's outputs."""
    alone: Callable[[Tensor], bool]
    """Whether no operator forces a tensor to share its steps with another."""


Write = Callable[[Scene, Op], list[Op]]


def as_it_is(_: Scene, op: Op) -> list[Op]:
    """The same operator over the integer tensors."""
    return [op]


def nothing(_: Op) -> list[Tensor]:
    """Each tensor has steps of its own."""
    return []


def everything(op: Op) -> list[Tensor]:
    """All float activations that it reads and gives share their steps."""
    return [tensor for tensor in (*op.inputs, *op.outputs) if tensor is not None and tensor.moves]


def always(_: Op) -> bool:
    """The integer kernel takes every such operator."""
    return True


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one kind of operator computes in integers."""

    version: int
    """The first version of its kernel that takes int8."""
    write: Write = as_it_is
    """The operators to write for one whose tensors have been given their steps."""
    same: Callable[[Op], list[Tensor]] = nothing
    """The activations that must share their steps."""
    joins: bool = False
    """Whether those it reads may be given shared steps by a QUANTIZE before it."""
    gives: Steps | None = None
    """The output's steps, where the kernel demands certain ones."""
    takes: Callable[[Op], bool] = always
    """Whether there is an integer kernel for this one."""
    fetches: bool = False
    """Whether it only moves values: not worth a conversion between float neighbours."""
    light: bool = False
    """Whether float32 is as fast for it: not worth a conversion before float readers."""


def steps_of(held: Range) -> Steps:
    """Int8 steps over a range that holds 0: its ends at the codes' ends, 0 exactly on a code."""
    low, high = min(held[0], 0.0), max(held[1], 0.0)
    scale = np.float32((high - low) / 255 or 1.0)
    zero_point = np.floor(-128 - low / float(scale) + 0.5)
    return Steps(scale=np.array([scale]), zero_point=int(np.clip(zero_point, -128, 127)))
