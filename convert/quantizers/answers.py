"""What a network's outputs are to their reader, and how far answers are from those wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Kind = Literal["largest", "chance", "values"]
"""Scores of which the largest counts, logits of a chance each, or the values themselves."""
_SIDE = 128
"""Positions of a map that are looked at along each side, about."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one output is to its reader."""

    kind: Kind = "values"
    background: bool = False
    """The first of its scores is the chance that nothing is there."""
    where: str | None = None
    """An output of scores [1, N, C]; of this one [1, N, D] only those rows are read whose score
    says that something is there."""


Answers = Kind | Mapping[str, Answer]
"""Of all outputs alike, or of each by its name."""


def apart(
    names: Sequence[str], wanted: Sequence[Floats], made: Sequence[Floats], answers: Answers
) -> float:
    """How far the outputs `names` of one picture are from those wanted: 0 where they are equal.

    Of chances and scores it is Kullback and Leibler's divergence; to that of a map of scores comes
    the share of changed labels. Of values it is the squared error over the variance.
    """
    known = dict(zip(names, wanted, strict=True))
    return sum(
        _divergence(want, got, of, _rows(want, of, known, answers))
        for want, got, of in zip(
            wanted, made, (answer_of(name, answers) for name in names), strict=True
        )
    )


def answer_of(name: str, answers: Answers) -> Answer:
    """What the output `name` is."""
    return Answer(kind=answers) if isinstance(answers, str) else answers.get(name, Answer())


def changed(wanted: Floats, made: Floats, answer: Answer) -> float | None:
    """The share of labels that are others; None where there are none."""
    if answer.kind == "largest" and wanted.shape[-1] > 1:
        return float((wanted.argmax(-1) != made.argmax(-1)).mean())
    if answer.kind == "chance":
        return float(((wanted > 0) != (made > 0)).mean())
    return None


def thinned(output: NDArray[Any]) -> Floats:
    """Some of a map's positions; other outputs whole."""
    if output.ndim != 4:
        return np.asarray(output, np.float32)
    rows, columns = (max(1, side // _SIDE) for side in output.shape[1:3])
    return np.ascontiguousarray(output[:, ::rows, ::columns], np.float32)


def _rows(
    wanted: Floats, answer: Answer, known: Mapping[str, Floats], answers: Answers
) -> Floats | None:
    """How much each row of an output counts; None where all do alike."""
    scores = known.get(answer.where or "")
    if scores is None or scores.ndim != 3 or scores.shape[:2] != wanted.shape[:2]:
        return None
    of = answer_of(str(answer.where), answers)
    chances = np.exp(_log_chances(scores, of.kind))[..., 1 if of.background else 0 :]
    return np.asarray(chances.max(axis=-1, initial=0.0), np.float32)


def _log_chances(scores: Floats, kind: Kind) -> Floats:
    if kind == "chance":
        return np.asarray(-np.logaddexp(0, -scores))
    return _log_softmax(scores) if kind == "largest" else np.log(np.maximum(scores, 1e-9))


def _divergence(wanted: Floats, made: Floats, answer: Answer, rows: Floats | None) -> float:
    if answer.kind == "largest" and wanted.shape[-1] > 1:
        want, got = _log_softmax(wanted), _log_softmax(made)
        apart = float((np.exp(want) * (want - got)).sum(axis=-1).mean())
        # Of a map there are enough labels to count those that change, which is what shows.
        return apart + (changed(wanted, made, answer) or 0.0 if wanted.ndim == 4 else 0.0)
    if answer.kind == "chance":
        return float(sum(_of_chance(side * wanted, side * made) for side in (1, -1)))
    variance = float(wanted.var()) or 1.0
    squares = np.square(made - wanted)
    if rows is None:
        return float(squares.mean()) / variance
    return float((squares.mean(axis=-1) * rows).sum() / max(float(rows.sum()), 1.0)) / variance


def _of_chance(wanted: Floats, made: Floats) -> float:
    """The part of the divergence of sigmoids that comes from one of both answers."""
    want, got = (-np.logaddexp(0, -logits) for logits in (wanted, made))
    return float((np.exp(want) * (want - got)).mean())


def _log_softmax(logits: Floats) -> Floats:
    moved = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True)))
