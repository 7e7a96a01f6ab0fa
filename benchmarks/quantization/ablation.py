"""What each of our methods is worth: alone, and added one by one in the order of the road."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.quantization.contestant import Contestant
from benchmarks.quantization.own import OWN, by_methods
from benchmarks.quantization.subject import Choice, Subject
from convert.vocabulary import Target

Switches = dict[str, object]

NONE: Switches = {
    "equalize": False,
    "ranges": "min_max",
    "hessian_rounding": False,
    "upstream": False,
    "refit_bias": False,
}


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method, its switches and why it is on or off."""

    title: str
    switches: Switches
    reason: str
    integers_only: bool = False
    """Of what only files that compute in integers have: ranges of activations."""
    added: bool = True
    """Whether it is a step of the road, and not another way to take one."""


METHODS = (
    Method(
        title="equalization",
        switches={"equalize": True},
        reason="on: exact on float32, proven on the pictures, and what follows starts from less "
        "damage; off where a source brings ranges it was trained with",
    ),
    Method(
        title="ranges by percentile",
        switches={"ranges": "percentile"},
        reason="a candidate only: it clips without a look at what that costs",
        integers_only=True,
        added=False,
    ),
    Method(
        title="ranges by least error",
        switches={"ranges": "least_error"},
        reason="a candidate only: it weighs a tensor by its next layer, not by the answers",
        integers_only=True,
        added=False,
    ),
    Method(
        title="ranges chosen per tensor",
        switches={"ranges": "chosen"},
        reason="on: of the three ways, per tensor the one that the answers mind least on "
        "calibration pictures",
        integers_only=True,
    ),
    Method(
        title="bias refit",
        switches={"refit_bias": True},
        reason="on: it keeps the mean of every channel, at no cost",
    ),
    Method(
        title="GPTQ rounding",
        switches={"hessian_rounding": True},
        reason="on: it costs seconds when the file is made and nothing when it runs; it minds the "
        "covariance alone, so the mean is left to the bias refit, without which it may harm",
    ),
    Method(
        title="upstream correction",
        switches={"upstream": True},
        reason="on: each layer is fitted to what it will read, so that errors do not add up",
    ),
)


def ablation(subject: Subject, choice: Choice, target: Target) -> Iterator[Contestant]:
    """One target's rows: nothing, each method alone, then one more at a time."""
    one = next(own for own in OWN if own.target == target)
    for name, switches in steps(target).items():
        whole = f"ablation-{target}-{name.replace(' ', '-')}"
        yield by_methods(subject, choice, whole, switches, one)


def steps(target: Target) -> dict[str, Switches]:
    """Row name -> all switches."""
    known = [method for method in METHODS if target != "tfjs" or not method.integers_only]
    found = {"nothing": NONE}
    found |= {f"only {method.title}": {**NONE, **method.switches} for method in known}
    so_far = NONE
    for method in (method for method in known if method.added):
        so_far = {**so_far, **method.switches}
        found[f"plus {method.title}"] = so_far
    # The first that is added is the first that stands alone.
    first = next(method for method in known if method.added)
    del found[f"plus {first.title}"]
    return found
