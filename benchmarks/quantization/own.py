"""Our eight-bit files, made by convert's own pipeline in processes that are measured."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.quantization import child
from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.contestant import Contestant, Made, contestant
from benchmarks.quantization.records import Row
from benchmarks.quantization.subject import Choice, Subject
from convert.memo import code_digest, versions
from convert.signature import Signature
from convert.targets import TARGETS
from convert.vocabulary import Target

_MAKER = (sys.executable, "-m", "benchmarks.quantization.own_maker")
_CODE = (
    "graph",
    "quantizers",
    "targets",
    "pictures",
    "pipeline/eight_bits.py",
    "pipeline/decided.py",
)


@dataclass(frozen=True, kw_only=True)
class Own:
    """One of our ways to store or compute in eight bits."""

    name: str
    title: str
    target: Target
    channel_scales: bool = False
    shares: str | None = None
    """Whose decisions it is written from, which are then not made again."""


OWN = (
    Own(name="ours-tflite", title="convert, full integer", target="tflite"),
    Own(name="ours-onnx", title="convert, QDQ", target="onnx", shares="ours-tflite"),
    Own(name="ours-tfjs", title="convert, no extra operator", target="tfjs"),
    Own(name="ours-tfjs-scales", title="convert, with scales", target="tfjs", channel_scales=True),
)


def own(subject: Subject, choice: Choice) -> Iterator[Contestant]:
    """Our eight-bit files of the targets that the recipe makes."""
    for one in OWN:
        if one.target in subject.recipe.targets:
            yield _contestant(subject, choice, one, one.name, None)


def by_methods(
    subject: Subject, choice: Choice, name: str, methods: Mapping[str, object], one: Own
) -> Contestant:
    """The same with some methods left out; `name` is the row's."""
    return _contestant(subject, choice, one, name, dict(methods))


def _contestant(
    subject: Subject, choice: Choice, one: Own, name: str, methods: Mapping[str, object] | None
) -> Contestant:
    whole = methods is None
    row = Row(
        target=one.target,
        title=one.title if whole else name,
        ours=True,
        shares=one.shares if whole else None,
    )
    return contestant(
        subject,
        name,
        row,
        partial(_make, subject, choice, one, methods),
        made=[one.name, subject.recipe.targets[one.target].layout, methods],
        labels=subject.recipe.postprocessing.decode,
        tools=versions(TARGETS[one.target].TOOLS),
        code=code_digest(*_CODE),
    )


def _make(
    subject: Subject,
    choice: Choice,
    one: Own,
    methods: Mapping[str, object] | None,
    folder: Path,
) -> Made:
    memo = _memo(subject, one, afresh=methods is None and one.shares is None)
    job = {
        "choice": asdict(choice),
        "memo": str(memo),
        "target": one.target,
        "channel_scales": one.channel_scales,
        "methods": methods,
    }
    if one.shares and methods is None and not any(memo.glob("integers-*")):
        # What is shared is not counted here, so it has to be there.
        other = next(other for other in OWN if other.name == one.shares)
        child.run(_MAKER, {**job, "target": other.target}, folder)
    cost = child.run(_MAKER, job, folder)
    signature = Signature.model_validate_json((folder / "signature.json").read_bytes())
    path = folder / TARGETS[one.target].FILE
    return Candidate(target=one.target, path=path, signature=signature), cost


def _memo(subject: Subject, one: Own, *, afresh: bool) -> Path:
    """Where the core is found and nothing else, but what a file before left that shares it."""
    memo = subject.folder / f"memo-{one.shares or one.name}"
    if afresh:
        shutil.rmtree(memo, ignore_errors=True)
    found = subject.core.path.parent
    shutil.copytree(found, memo / found.name, dirs_exist_ok=True)
    return memo
