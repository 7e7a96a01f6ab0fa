"""Operators that work element by element, with broadcasting, and reductions."""

from collections.abc import Callable

import numpy as np

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.operators.activations import activated

Write = Callable[[Site], Symbol]


def unary(op: str, argument: str = "x") -> Write:
    """An operator that is one TensorFlow node of one input."""

    def write(site: Site) -> Symbol:
        return site.add(op, **{argument: site.read(0)})

    return write


def binary(op: str, first: str = "x", second: str = "y") -> Write:
    """An operator that is one TensorFlow node of two inputs."""

    def write(site: Site) -> Symbol:
        return site.add(op, **{first: site.read(0), second: site.read(1)})

    return write


def arithmetic(op: str) -> Write:
    """A binary operator with a fused activation."""
    plain = binary(op)

    def write(site: Site) -> Symbol:
        return activated(site, plain(site))

    return write


def reduction(op: str) -> Write:
    """A reduction over the axes of the second input."""

    def write(site: Site) -> Symbol:
        kept = bool(site.options.keepDims)
        return site.add(op, input=site.read(0), axis=site.read(1), keep_dims=kept)

    return write


def add_n(site: Site) -> Symbol:
    """ADD_N."""
    return site.add("AddN", inputs=site.read_all())


def select(site: Site) -> Symbol:
    """SELECT, whose condition may be a vector that chooses among rows."""
    return site.add("Select", condition=site.read(0), x=site.read(1), y=site.read(2))


def select_v2(site: Site) -> Symbol:
    """SELECT_V2, which broadcasts."""
    return site.add("SelectV2", condition=site.read(0), t=site.read(1), e=site.read(2))


def l2_normalization(site: Site) -> Symbol:
    """L2_NORMALIZATION along the last axis, by at least 1e-6."""
    x = site.read(0)
    total = site.add("Sum", input=site.add("Square", x=x), axis=[-1], keep_dims=True)
    least = site.add("Maximum", x=total, y=np.float32(1e-12))
    return activated(site, site.add("Mul", x=x, y=site.add("Rsqrt", x=least)))


def arg_max(site: Site) -> Symbol:
    """ARG_MAX."""
    return _arg(site, "ArgMax")


def arg_min(site: Site) -> Symbol:
    """ARG_MIN."""
    return _arg(site, "ArgMin")


def _arg(site: Site, op: str) -> Symbol:
    wide = site.made().kind == "INT64"
    kind = np.int64 if wide else np.int32
    return site.add(op, input=site.read(0), dimension=site.read(1), output_type=kind)
