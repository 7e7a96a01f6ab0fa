"""Fused activations, and the activations that are operators of their own."""

from collections.abc import Callable
from functools import partial

import numpy as np

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.tensors import limits_of

_NONE, _RELU, _RELU_N1_TO_1, _RELU6 = range(4)
"""TFLite's ActivationFunctionType, less those that its own kernels leave out (Tanh, SignBit)."""

_SIX = 0.1
"""How far from 6 the upper end of a quantized Relu6 may lie."""


def activated(site: Site, symbol: Symbol) -> Symbol:
    """With the activation that is fused into the operator, or else the one its range implies."""
    return _with(site, symbol, site.options.fusedActivationFunction or _implied(site))


def plainly_activated(site: Site, symbol: Symbol) -> Symbol:
    """With the fused activation alone: for operators that make no larger or smaller number."""
    return _with(site, symbol, site.options.fusedActivationFunction)


def _with(site: Site, symbol: Symbol, fused: int) -> Symbol:
    if fused == _NONE:
        return symbol
    write = _FUSED.get(fused)
    if write is None:
        raise site.unsupported(f"has a fused activation of number {fused}")
    return write(site, symbol)


def _implied(site: Site) -> int:
    """The activation that quantization made superfluous: integers end where their range ends."""
    made = site.made()
    if made.steps is None or made.kind == "INT32":
        return _NONE
    lowest, highest = limits_of(made)
    zero = int(made.steps.zero_point[0])
    if zero != lowest:
        return _NONE
    top = (highest - zero) * float(made.steps.scale[0])
    return _RELU6 if abs(top - 6) < _SIX else _RELU


def _relu(site: Site, symbol: Symbol) -> Symbol:
    return site.add("Relu", features=symbol)


def _relu6(site: Site, symbol: Symbol) -> Symbol:
    return site.add("Relu6", features=symbol)


def _between(lowest: float, highest: float, site: Site, symbol: Symbol) -> Symbol:
    above = site.add("Maximum", x=symbol, y=np.float32(lowest))
    return site.add("Minimum", x=above, y=np.float32(highest))


_FUSED: dict[int, Callable[[Site, Symbol], Symbol]] = {
    _RELU: _relu,
    _RELU_N1_TO_1: partial(_between, -1.0, 1.0),
    _RELU6: _relu6,
}


def relu(site: Site) -> Symbol:
    """RELU."""
    return _relu(site, site.read(0))


def relu6(site: Site) -> Symbol:
    """RELU6."""
    return _relu6(site, site.read(0))


def relu_n1_to_1(site: Site) -> Symbol:
    """RELU_N1_TO_1."""
    return _between(-1.0, 1.0, site, site.read(0))


def relu_0_to_1(site: Site) -> Symbol:
    """RELU_0_TO_1."""
    return _between(0.0, 1.0, site, site.read(0))


def leaky_relu(site: Site) -> Symbol:
    """LEAKY_RELU."""
    return site.add("LeakyRelu", features=site.read(0), alpha=float(site.options.alpha))


def prelu(site: Site) -> Symbol:
    """PRELU as relu(x) + -alpha * relu(-x), which the converters recognise."""
    value = site.value(1)
    minus = site.add("Neg", x=site.read(1)) if value is None else -np.asarray(value)
    below = site.add("Relu", features=site.add("Neg", x=site.read(0)))
    above = site.add("Relu", features=site.read(0))
    return site.add("AddV2", x=above, y=site.add("Mul", x=minus, y=below))


def hard_swish(site: Site) -> Symbol:
    """HARD_SWISH as x * relu6(x + 3) / 6 (Howard et al. 2019, MobileNetV3)."""
    gate = site.add("Relu6", features=site.add("AddV2", x=site.read(0), y=np.float32(3)))
    return site.add("Mul", x=site.read(0), y=site.add("Mul", x=gate, y=np.float32(1 / 6)))


def gelu(site: Site) -> Symbol:
    """GELU, exact by Erf or approximate by Tanh (Hendrycks and Gimpel 2016)."""
    x = site.read(0)
    if site.options.approximate:
        cubic = site.add("Mul", x=site.add("Mul", x=x, y=x), y=x)
        bent = site.add("AddV2", x=x, y=site.add("Mul", x=cubic, y=np.float32(0.044715)))
        inner = site.add("Tanh", x=site.add("Mul", x=bent, y=np.float32(np.sqrt(2 / np.pi))))
    else:
        inner = site.add("Erf", x=site.add("Mul", x=x, y=np.float32(np.sqrt(0.5))))
    gate = site.add("Mul", x=site.add("AddV2", x=inner, y=np.float32(1)), y=np.float32(0.5))
    return site.add("Mul", x=x, y=gate)


def softmax(site: Site) -> Symbol:
    """SOFTMAX over the last axis, of beta times the logits."""
    logits, beta = site.read(0), float(site.options.beta)
    if beta != 1:
        logits = site.add("Mul", x=logits, y=np.float32(beta))
    return site.add("Softmax", logits=logits)


def log_softmax(site: Site) -> Symbol:
    """LOG_SOFTMAX over the last axis."""
    return site.add("LogSoftmax", logits=site.read(0))
