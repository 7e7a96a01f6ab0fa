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
_WHERE = "file.json"
_MEASURING = ("metrics", "pictures", "runtimes", "datasets", "observations.py")


class _File(Record):
    """A finished file."""

    making: str
    target: Target
    path: Path
    signature: Signature
    cost: Cost | None


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """Someone's file, not made yet."""

    name: str
    making: str
    """The digest of all that decides the file; with it and what decides the score, the row's."""
    row: Row
    """With nothing measured yet."""
    make: Callable[[Path], Made]
    """Makes it into an empty folder. Raises ConvertError."""


def contestant(
    subject: Subject, name: str, row: Row, make: Callable[[Path], Made], **parts: object
) -> Contestant:
    """With the digests of the core, the calibration pictures, the protocol and `parts`."""
    recipe = subject.recipe
    making = _digest(
        core=subject.core.facts.sha256,
        calibration=subject.work.plan.calibration_digests,
        preprocessing=recipe.preprocessing.model_dump(),
        **parts,
    )
    key = _digest(
        making=making,
        evaluation=subject.work.plan.evaluation_digests,
        postprocessing=recipe.postprocessing.model_dump(),
        metric=recipe.metric,
        measuring=code_digest(*_MEASURING),
    )
    return Contestant(name=name, making=making, row=row.model_copy(update={"key": key}), make=make)


def settled(subject: Subject, one: Contestant, kept: Row | None, *, retry: bool = False) -> Row:
    """The row that is kept, if nothing that decides it has changed; else made and scored.

    A file that stands is scored without making it again. What fails is a row with its error, which
    stands until `retry`.
    """
    if kept and kept.key == one.row.key and (not retry if kept.error else _stands(subject, one)):
        return kept
    try:
        file = _stands(subject, one) or _made(subject, one)
        return scored(subject, _candidate(file), one.row.model_copy(update={"cost": file.cost}))
    except ConvertError as error:
        return one.row.model_copy(update={"error": error.message})


def candidate_of(subject: Subject, one: Contestant) -> Candidate | None:
    """Its file, if it is there and of the same making."""
    file = _stands(subject, one)
    return _candidate(file) if file else None


def _candidate(file: _File) -> Candidate:
    return Candidate(target=file.target, path=file.path, signature=file.signature)


def _stands(subject: Subject, one: Contestant) -> _File | None:
    place = subject.folder / one.name / _WHERE
    if not place.exists():
        return None
    file = _File.model_validate_json(place.read_bytes())
    return file if file.making == one.making and file.path.exists() else None


def _made(subject: Subject, one: Contestant) -> _File:
    folder = subject.folder / one.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    candidate, cost = one.make(folder)
    file = _File(
        making=one.making,
        target=candidate.target,
        path=candidate.path,
        signature=candidate.signature,
        cost=cost,
    )
    write_text(folder / _WHERE, file.model_dump_json(indent=1))
    return file


def _digest(**parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
