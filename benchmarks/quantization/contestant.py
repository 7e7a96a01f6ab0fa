"""One row of the table: what decides it, how its file is made, and whether that must be done."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quantization.candidates import Candidate, scored
from benchmarks.quantization.records import Cost, Row
from benchmarks.quantization.subject import Subject
from convert.errors import ConvertError
from convert.memo import code_digest
from convert.signature import Signature
from convert.store import write_text
from convert.vocabulary import Record, Target

Made = tuple[Candidate, Cost | None]
_WHERE = "candidate.json"
_MEASURING = ("metrics", "pictures", "runtimes", "datasets", "observations.py")


class _Where(Record):
    """Where a finished file lies."""

    key: str
    target: Target
    path: Path
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """Someone's file, not made yet."""

    name: str
    row: Row
    make: Callable[[Path], Made]
    """Makes it into an empty folder. Raises ConvertError."""


def key_of(subject: Subject, **parts: object) -> str:
    """The digest of what decides a row: the pictures, the core, the protocol and `parts`."""
    recipe = subject.recipe
    whole = {
        "core": subject.core.facts.sha256,
        "calibration": subject.work.plan.calibration_digests,
        "evaluation": subject.work.plan.evaluation_digests,
        "preprocessing": recipe.preprocessing.model_dump(),
        "postprocessing": recipe.postprocessing.model_dump(),
        "metric": recipe.metric,
        "measuring": code_digest(*_MEASURING),
        **parts,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def settled(subject: Subject, one: Contestant, kept: Row | None, *, retry: bool = False) -> Row:
    """The row that is kept, if it is of the same making; else made and scored.

    What fails is a row with its error, which stands until `retry`.
    """
    if kept and kept.key == one.row.key:
        stands = not retry if kept.error else candidate_of(subject, one) is not None
        if stands:
            return kept
    try:
        candidate, cost = _made(subject, one)
        return scored(subject, candidate, one.row.model_copy(update={"cost": cost}))
    except ConvertError as error:
        return one.row.model_copy(update={"error": error.message})


def candidate_of(subject: Subject, one: Contestant) -> Candidate | None:
    """Its file, if it is there and of the same making."""
    place = subject.folder / one.name / _WHERE
    if not place.exists():
        return None
    where = _Where.model_validate_json(place.read_bytes())
    if where.key != one.row.key or not where.path.exists():
        return None
    return Candidate(target=where.target, path=where.path, signature=where.signature)


def _made(subject: Subject, one: Contestant) -> Made:
    folder = subject.folder / one.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    candidate, cost = one.make(folder)
    where = _Where(
        key=one.row.key,
        target=candidate.target,
        path=candidate.path,
        signature=candidate.signature,
    )
    write_text(folder / _WHERE, where.model_dump_json(indent=1))
    return candidate, cost
