"""The bias that convolutions and products of matrices end in."""

import numpy as np
from numpy.typing import NDArray

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Symbol


def biased(site: Site, x: Symbol, number: int = 2) -> Symbol:
    """With the bias that is the operator's input of that number, if it has one."""
    if not site.has(number):
        return x
    bias = site.read(number)
    if bias.dtype.is_integer:
        scale = _bias_scale(site)
        value = np.asarray(site.fixed(number), np.float64) * scale
        bias = site.constant(value.astype(np.float32), f"{site.name}/bias")
    return site.add("BiasAdd", value=x, bias=bias)


def _bias_scale(site: Site) -> NDArray[np.float64]:
    """A bias without scales of its own has the input's times the kernel's."""
    steps = [site.tensor(number).steps for number in (0, 1)]
    if steps[0] is None or steps[1] is None:
        raise site.damaged("has an integer bias without a scale")
    return steps[0].scale.astype(np.float64) * steps[1].scale.astype(np.float64)
