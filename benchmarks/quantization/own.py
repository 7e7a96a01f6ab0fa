"""Our eight-bit files, made by convert's own pipeline in processes that are measured."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.quantization import child
from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.contestant import Contestant, Made, key_of
from benchmarks.quantization.records import Row
from benchmarks.quantization.subject import Choice, Subject
from convert.memo import code_digest, versions
from convert.signature import Signature
from convert.targets import TARGETS
from convert.vocabulary import Target

_CODE = ("graph", "quantizers", "targets", "pictures", "pipeline/eight_bits.py")


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
            yield _contestant(subject, choice, one, None)


def by_methods(
    subject: Subject, choice: Choice, name: str, methods: Mapping[str, object], one: Own
) -> Contestant:
    """The same with some methods left out; `name` is the row's."""
    made = _contestant(subject, choice, one, dict(methods))
    return Contestant(name=name, row=made.row.model_copy(update={"title": name}), make=made.make)


def _contestant(
    subject: Subject, choice: Choice, one: Own, methods: Mapping[str, object] | None
) -> Contestant:
    recipe, target = subject.recipe, TARGETS[one.target]
    key = key_of(
        subject,
        made=[one.name, recipe.targets[one.target].layout, methods],
        tools=versions(target.TOOLS),
        code=code_digest(*_CODE),
    )
    row = Row(key=key, target=one.target, title=one.title, ours=True)
    if methods is None:
        row = row.model_copy(update={"shares": one.shares})
    return Contestant(name=one.name, row=row, make=partial(_make, subject, choice, one, methods))


def _make(
    subject: Subject,
    choice: Choice,
    one: Own,
    methods: Mapping[str, object] | None,
    folder: Path,
) -> Made:
    job = {
        "choice": asdict(choice),
        "memo": str(_memo(subject, afresh=methods is None and one.shares is None)),
        "target": one.target,
        "channel_scales": one.channel_scales,
        "methods": methods,
    }
    cost = child.run([sys.executable, "-m", "benchmarks.quantization.own_maker"], job, folder)
    made = json.loads((folder / "made.json").read_text())
    signature = Signature.model_validate_json(json.dumps(made["signature"]))
    return Candidate(target=one.target, path=Path(made["path"]), signature=signature), cost


def _memo(subject: Subject, *, afresh: bool) -> Path:
    """Where the core is found and nothing else, but what a file before left that shares it."""
    memo = subject.folder / "memo"
    if afresh:
        for folder in (*memo.glob("integers-*"), *memo.glob("storage-*")):
            shutil.rmtree(folder)
    found = subject.core.path.parent
    shutil.copytree(found, memo / found.name, dirs_exist_ok=True)
    return memo
