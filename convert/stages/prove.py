"""Prove the cut: core plus pre- and postprocessing give what the uncut graph gives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import UnsupportedError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.pictures.answer import Prediction, answer
from convert.pictures.prepare import Prepared, prepare
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

    prepared: Prepared
    start: NDArray[Any]
    end: NDArray[Any]
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
        step, found = next(_partings(steps, cases, post), ("an unknown step", ""))
        raise UnsupportedError(
            f"the core does not give what the uncut graph gives: {proof.figure} "
            f"{proof.value:.6g} over {proof.images} pictures, and the bound is {proof.bound:g}; "
            f"they part at: {step}{found}",
            hint="Correct the recipe's preprocessing, postprocessing or cut; "
            "`convert inspect FILE` shows what was recognised in the graph.",
        )
    return proof


def _case(reference: Reference, picture: Picture, pre: Preprocessing) -> _Case:
    start, end, prediction = reference.at_the_cut(picture)
    return _Case(prepared=prepare(picture, pre), start=start, end=end, prediction=prediction)


def _compared(graph: Graph, cases: Sequence[_Case], post: Postprocessing) -> list[Figure]:
    run = function(graph)
    outputs = [run(case.prepared.tensor)[0] for case in cases]
    return [_against(case, output, post) for case, output in zip(cases, outputs, strict=True)]


def _against(case: _Case, output: NDArray[Any], post: Postprocessing) -> Figure:
    return _difference(answer(output, post, case.prepared.placement), case.prediction)


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
    steps: Mapping[str, Graph], cases: Sequence[_Case], post: Postprocessing
) -> Iterator[tuple[str, str]]:
    """Each step after which the two are apart, in the order in which they are done."""
    for case in cases:
        apart = _apart(case.start, case.prepared.tensor)
        if apart:
            yield "preprocessing", apart
    if not _judged([_against(case, case.end, post) for case in cases]).passed:
        yield "postprocessing", ""
    for name, graph in steps.items():
        if not _judged(_compared(graph, cases, post)).passed:
            yield name, ""


def _apart(wanted: NDArray[Any], found: NDArray[Any]) -> str:
    """How far two inputs of the core are apart, or nothing where it does not matter."""
    if wanted.shape != found.shape:
        return f" (the graph makes {wanted.shape}, the recipe {found.shape})"
    largest = float(np.abs(wanted - found).max())
    visible = largest > 1e-3 * max(float(np.ptp(wanted)), 1e-6)
    return f" (by up to {largest:.4g})" if visible else ""
