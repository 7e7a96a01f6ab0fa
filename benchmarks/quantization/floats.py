"""Our float32 and float16 files: what every ratio and every size is held against."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.contestant import Contestant, Made, contestant
from benchmarks.quantization.records import Row
from benchmarks.quantization.subject import Subject
from convert.memo import code_digest, versions
from convert.pipeline.make import make
from convert.pipeline.plan import Key
from convert.targets import TARGETS


def floats(subject: Subject) -> Iterator[Contestant]:
    """Float32 and float16 of each target that the recipe makes."""
    for target in subject.recipe.targets:
        for scheme in ("float32", "float16"):
            yield contestant(
                subject,
                f"{target}-{scheme}",
                Row(target=target, title=scheme),
                partial(_exported, subject, Key(target=target, scheme=scheme)),
                made=[target, scheme],
                tools=versions(TARGETS[target].TOOLS),
                code=code_digest("graph", "targets", "pictures"),
            )


def _exported(subject: Subject, key: Key, folder: Path) -> Made:
    made = make(subject.work, subject.core, key)
    path = made.path.resolve()
    return Candidate(target=key.target, path=path, signature=made.facts.signature), None
