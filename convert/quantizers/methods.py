"""Which methods take part in a decision: all of them, unless what each is worth is measured."""

from dataclasses import dataclass

from convert.vocabulary import RangeWay


@dataclass(frozen=True, kw_only=True)
class Methods:
    """The methods of `decide` and `store_kernels`; as it stands, what every file is made with."""

    equalize: bool = True
    """The passes of `convert/quantizers/equalize/`."""
    ranges: RangeWay = "chosen"
    hessian_rounding: bool = True
    """By GPTQ; else every weight to the nearest code."""
    upstream: bool = True
    """Weights move first to what is best for the inputs of the eight-bit network."""
    refit_bias: bool = True
    """Biases make the mean of what a layer gives right."""


ALL = Methods()
