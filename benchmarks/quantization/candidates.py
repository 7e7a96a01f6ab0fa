"""A file that takes part, and its score by the protocol of `convert run`, whoever made it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import brotli
import numpy as np

from benchmarks.quantization.records import Row
from benchmarks.quantization.subject import Subject
from convert.machine import cores
from convert.metrics import METRICS
from convert.metrics.base import Prediction
from convert.observations import load_labels
from convert.pictures.answer import answer
from convert.pictures.prepare import prepare
from convert.progress import Silence
from convert.runtimes import for_target
from convert.runtimes.base import Session
from convert.runtimes.reference import Picture
from convert.signature import Signature
from convert.stages.judge import score
from convert.stages.verify import predictor, verify
from convert.store import digest
from convert.vocabulary import Target

_MAP_RANK = 4


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A finished file."""

    target: Target
    path: Path
    signature: Signature


def scored(subject: Subject, candidate: Candidate, row: Row) -> Row:
    """The row with the file's bytes and what it scores on the evaluation pictures."""
    metric = METRICS[subject.recipe.metric]
    runtime = for_target(candidate.target)
    session = runtime.open_session(candidate.path, candidate.signature, cores())
    seen = verify(
        _predict(subject, candidate, session),
        subject.work.plan.evaluation,
        metric,
        subject.recipe.classes,
        reference=load_labels(subject.baseline.labels),
        label=row.title,
        progress=Silence(),
    )
    found = score(metric, seen, subject.baseline.seen)
    headline = found[metric.HEADLINE]
    files = _files(candidate.path)
    return row.model_copy(
        update={
            "sha256": digest(candidate.path),
            "bytes": sum(file.stat().st_size for file in files),
            "bytes_brotli": sum(len(brotli.compress(file.read_bytes())) for file in files),
            "value": headline.value,
            "drop": headline.drop,
            "drop_ci95": headline.drop_ci95,
            "agreement": found["agreement"].value,
        }
    )


def _predict(
    subject: Subject, candidate: Candidate, session: Session
) -> Callable[[Picture], Prediction]:
    pre, post = subject.recipe.preprocessing, subject.recipe.postprocessing
    name = candidate.signature.inputs[0].name
    labels = len(candidate.signature.outputs[0].shape) == _MAP_RANK - 1
    if not labels:
        return predictor(session, name, pre, post)

    def predict(image: Picture) -> Prediction:
        """Of a file that gives labels: one score per class, all of it the label's."""
        prepared = prepare(image, pre)
        (found,) = session.run({name: prepared.tensor}).values()
        one_hot = np.eye(subject.recipe.classes, dtype=np.float32)[found.astype(np.int64)]
        return answer({"labels": one_hot}, post, prepared.placement)

    return predict


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
