"""Prove the cut: core plus pre- and postprocessing give what the uncut graph gives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import UnsupportedError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.pictures.answer import Prediction, answer
from convert.pictures.placement import Placement
from convert.pictures.prepare import prepare
from convert.preprocessing import Postprocessing, Preprocessing
from convert.report import CutProof
from convert.runtimes.reference import Picture, Reference

AGREEMENT = 0.999
"""The least share of equal labels that a segmentation core must reach."""
DIFFERENCE = 1e-4
"""The largest difference that a core's other answers may have."""

Figure = tuple[str, float]
"""The name of what is judged, and one picture's value."""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One picture's answers by the uncut graph."""

    tensor: NDArray[Any]
    """The core's input by the recipe."""
    placement: Placement
    start: NDArray[Any]
    ends: Mapping[str, NDArray[Any]]
    prediction: Prediction


def prove(
    reference: Reference,
    steps: Mapping[str, Graph],
    pre: Preprocessing,
    post: Postprocessing,
    pictures: Sequence[Picture],
) -> CutProof:
    """Compare on pictures; `steps` are the graphs from the cut to the core, in order.

    Raises UnsupportedError that names the step at which the two part where a bound is missed.
    """
    cases = [_case(reference, picture, pre) for picture in pictures]
    core = list(steps.values())[-1]
    proof = _judged(_compared(core, cases, post))
    if not proof.passed:
        step, found = next(_partings(steps, cases, pre, post), ("an unknown step", ""))
        raise UnsupportedError(
            f"the core does not give what the uncut graph gives: {proof.figure} "
            f"{proof.value:.6g} over {proof.images} pictures, and the bound is {proof.bound:g}; "
            f"they part at: {step}{found}",
            hint="Correct the recipe's preprocessing, postprocessing or cut; "
            "`convert inspect FILE` shows what was recognised in the graph.",
        )
    return proof


def _case(reference: Reference, picture: Picture, pre: Preprocessing) -> _Case:
    start, ends, prediction = reference.at_the_cut(picture)
    made = prepare(picture, pre)
    return _Case(
        tensor=made.tensor,
        placement=made.placement,
        start=start,
        ends=ends,
        prediction=prediction,
    )


def _compared(graph: Graph, cases: Sequence[_Case], post: Postprocessing) -> list[Figure]:
    run = function(graph)
    named = [dict(zip(graph.outputs, run(case.tensor), strict=True)) for case in cases]
    return [_against(case, outputs, post) for case, outputs in zip(cases, named, strict=True)]


def _against(case: _Case, outputs: Mapping[str, NDArray[Any]], post: Postprocessing) -> Figure:
    if len(case.ends) > 1 or post.whole:
        # What a threshold or a rounding lets through once and not again is no fair measure.
        apart = (_share(outputs[name], wanted) for name, wanted in case.ends.items())
        return "difference", max(apart)
    return _difference(answer(outputs, post, case.placement), case.prediction)


def _share(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    """The largest difference, in parts of the wanted tensor's range where that is more than 1."""
    if found.shape != wanted.shape:
        return float("nan")
    return float(np.abs(found - wanted).max() / max(1.0, float(np.ptp(wanted))))


def _difference(found: Prediction, wanted: Prediction) -> Figure:
    if found.shape != wanted.shape:
        return ("agreement" if wanted.dtype.kind in "iu" else "difference"), float("nan")
    if wanted.dtype.kind in "iu":
        return "agreement", float(np.mean(found == wanted))
    return "difference", float(np.abs(found - wanted).max())


def _judged(figures: Sequence[Figure]) -> CutProof:
    figure = figures[0][0]
    values = [value for _, value in figures]
    value = float(np.mean(values) if figure == "agreement" else np.max(values))
    bound = AGREEMENT if figure == "agreement" else DIFFERENCE
    passed = value >= bound if figure == "agreement" else value <= bound
    return CutProof(images=len(figures), figure=figure, value=value, bound=bound, passed=passed)


def _partings(
    steps: Mapping[str, Graph], cases: Sequence[_Case], pre: Preprocessing, post: Postprocessing
) -> Iterator[tuple[str, str]]:
    """Each step after which the two are apart, in order, each step given what it should be."""
    # Where pictures are resized outside, the uncut graph is fed whole grey levels.
    level = max(map(abs, pre.scale))
    yield from (("preprocessing", a) for c in cases if (a := _apart(c, least=0.51 * level)))
    if not _judged([_against(case, case.ends, post) for case in cases]).passed:
        yield "postprocessing", ""
    fed = [replace(case, tensor=case.start) for case in cases]
    for name, graph in steps.items():
        if not _judged(_compared(graph, fed, post)).passed:
            yield name, ""
    yield from (("preprocessing", a) for c in cases if (a := _apart(c, least=0.0)))


def _apart(case: _Case, least: float) -> str:
    """How far two inputs of the core are apart, or nothing where it is not more than `least`."""
    if case.start.shape != case.tensor.shape:
        return f" (the graph makes {case.start.shape}, the recipe {case.tensor.shape})"
    largest = float(np.abs(case.start - case.tensor).max())
    return f" (by up to {largest:.4g})" if largest > least else ""
