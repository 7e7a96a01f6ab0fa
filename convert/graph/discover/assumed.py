"""Which values a network wants that says nothing of it: guessed by names, weighed by statistics."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.graph.discover.evidence import Memory, misfit, remembered
from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Probe
from convert.graph.discover.values import Triple
from convert.preprocessing import Size

_CLEARLY = 0.5
"""How much better than the names' guess another must fit; a factor of e in variance is 1."""


@dataclass(frozen=True, kw_only=True)
class Values:
    """A normalization: (pixel - mean) * scale."""

    says: str
    mean: Triple
    scale: Triple
    channels: Literal["RGB", "BGR"] = "RGB"


def _same(value: float) -> Triple:
    return value, value, value


CENTERED = Values(says="x / 127.5 - 1", mean=_same(127.5), scale=_same(1 / 127.5))
UNIT = Values(says="x / 255", mean=_same(0.0), scale=_same(1 / 255))
RAW = Values(says="0..255 as they are", mean=_same(0.0), scale=_same(1.0))
COLOR = Values(says="the mean color taken off", mean=(123.68, 116.78, 103.94), scale=_same(1.0))
CAFFE = Values(
    says="BGR, the mean color taken off",
    mean=(103.939, 116.779, 123.68),
    scale=_same(1.0),
    channels="BGR",
)
TORCH = Values(
    says="the mean color taken off and divided by its deviation",
    mean=(123.675, 116.28, 103.53),
    scale=(1 / 58.395, 1 / 57.12, 1 / 57.375),
)

_FAMILIES: tuple[tuple[str, str, Values], ...] = (
    (r"(^|/)(resnet_v1_|vgg_)\d", "TF-Slim's VGG and ResNet v1", COLOR),
    (r"(^|/)(Inception|Mobilenet|Nasnet|Pnasnet|resnet_v2_)", "TF-Slim", CENTERED),
    (r"(^|/)(mobilenet|xception|inception|nasnet|resnet\d+v2)", "Keras", CENTERED),
    (r"(^|/)(resnet\d+|vgg\d+|block1_conv1|conv1_conv)(_\d+)?/", "Keras's VGG and ResNet", CAFFE),
    (r"(^|/)densenet", "Keras's DenseNet", TORCH),
    (r"(^|/)(expanded_conv_depthwise|conv_dw_1|bn_Conv1|Conv1)(_\d+)?/", "Keras", CENTERED),
)


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What is assumed, and why."""

    values: Values
    why: str


def assume(flow: Flow, probe: Probe, size: Size) -> Assumed:
    """The likeliest normalization of a float input that nothing is done to."""
    named, family = _named(flow.graph.nodes)
    memory = remembered(flow, probe)
    fits = _fits(memory, probe, size) if memory else {}
    best = min(fits, key=lambda values: fits[values]) if fits else named
    if best != named and fits and fits.get(named, fits[best]) - fits[best] < _CLEARLY:
        best = named
    return Assumed(values=best, why=_why(family, named, best, bool(fits)))


def _named(names: Iterable[str]) -> tuple[Values, str | None]:
    """What networks with such layer names are trained with, and whose names they are."""
    tops = list(names)
    for pattern, family, values in _FAMILIES:
        if any(re.search(pattern, name) for name in tops):
            return values, family
    return CENTERED, None


def _fits(memory: Memory, probe: Probe, size: Size) -> Mapping[Values, float]:
    """How badly each normalization fits; empty where the network cannot be run."""
    found = {}
    for values in (CENTERED, UNIT, RAW, COLOR, CAFFE, TORCH):
        wrong = misfit(memory, probe, size, partial(_normalized, values))
        if wrong is not None:
            found[values] = wrong
    return found


def _normalized(values: Values, image: NDArray[np.float32]) -> NDArray[np.float32]:
    pixels = image[..., ::-1] if values.channels == "BGR" else image
    made: NDArray[Any] = (pixels - np.array(values.mean, np.float32)) * values.scale
    return made.astype(np.float32)


def _why(family: str | None, named: Values, best: Values, weighed: bool) -> str:
    names = f"its layers are named as {family} names them" if family else "its names tell nothing"
    if not weighed:
        return f"{names}: {best.says}" if family else f"{names}; {best.says} is the commonest"
    if best == named and family:
        return f"{names}, and the first batch norm's statistics fit: {best.says}"
    other = f", though {names}" if family else ""
    return f"the first batch norm's statistics fit it best{other}: {best.says}"
