"""Draft a recipe from an anatomy: complete and runnable, with comments where it guesses."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from convert.anatomy import Anatomy, SourceFile
from convert.errors import UnsupportedError
from convert.recipe import Cut, DatasetChoice
from convert.vocabulary import TARGETS, Record

_VOC_CLASSES, _BACKGROUND_CLASSES = 21, 1001
_WIDTH = 96
_EVIDENCE = "not known: name the license of the weights here, and what says so"
_GATES: Mapping[str, float] = {"float32": 0.001, "float16": 0.005, "uint8": 0.03}
"""Largest drops that pass, in the metric's unit."""

Fields = dict[str, Any]


def draft(anatomy: Anatomy, *, title: str, folder: Path) -> Fields:
    """The recipe's fields, less its name; `folder` is where the recipe will lie.

    Raises UnsupportedError where no recipe can express the model.
    """
    file = _require_expressible(anatomy)
    return {
        "title": title,
        "task": anatomy.task,
        "classes": anatomy.classes,
        "metric": "miou" if anatomy.task == "segmentation" else "top_k",
        "source": {
            "format": file.format,
            "path": _relative(Path(file.path), folder),
            "sha256": file.sha256,
            "bytes": file.bytes,
        },
        "license": {"id": "unknown", "evidence": _EVIDENCE},
        "cut": _stated(anatomy.cut, Cut()),
        "preprocessing": _plain(anatomy.front.preprocessing, "size", "resize"),
        "postprocessing": _plain(anatomy.back.postprocessing, "decode"),
        "dataset": _dataset(anatomy),
        "targets": {t: {"layout": "NCHW"} if t == "onnx" else {} for t in TARGETS},
        "gates": {scheme: {"drop": drop} for scheme, drop in _GATES.items()},
    }


def draft_text(anatomy: Anatomy, fields: Fields) -> str:
    """The recipe's TOML, with what was found and what was guessed as comments."""
    document = tomlkit.document()
    says = f"Written by `convert new` from {Path(anatomy.file.path).name if anatomy.file else '?'}."
    _comment(document, [says, "What is a guess is called one: correct what is wrong."])
    comments = _comments(anatomy)
    for key, value in fields.items():
        if not isinstance(value, dict):
            document.add(key, value)
            continue
        document.add(tomlkit.nl())
        _comment(document, comments.get(key, ()))
        document.add(key, _table(value))
    return tomlkit.dumps(document)


def _require_expressible(anatomy: Anatomy) -> SourceFile:
    hint = "`convert inspect FILE` shows all that was found; a recipe can also be written by hand."
    if anatomy.file is None or anatomy.task is None or anatomy.classes is None:
        reason = anatomy.reasons[-1]
        raise UnsupportedError(f"no recipe can be written: the task is not told. {reason}", hint=hint)
    if anatomy.front.layout != "NHWC":
        raise UnsupportedError(
            f"no recipe can be written: from {anatomy.front.end!r} on, the network takes its "
            "channels first (NCHW)",
            hint=hint,
        )
    return anatomy.file


def _relative(path: Path, folder: Path) -> str:
    """Relative to the recipe's folder if both lie in one project, absolute otherwise."""
    whole, project = path.resolve(), folder.resolve().parent
    if whole.is_relative_to(project) and project != Path(project.anchor):
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    return whole.as_posix()


def _stated(record: Record, usual: Record) -> Fields:
    """What a record says that is not what it says anyway."""
    said, default = record.model_dump(), usual.model_dump()
    return {key: value for key, value in said.items() if value != default[key]}


def _plain(record: Record, *always: str) -> Fields:
    """A record's fields that are set otherwise than by default, and those that always stand."""
    said = record.model_dump(exclude_defaults=True)
    said |= {key: getattr(record, key) for key in always}
    order = [key for key in type(record).model_fields if said.get(key) is not None]
    return {key: _listed(said[key]) for key in order}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _dataset(anatomy: Anatomy) -> Fields:
    if anatomy.task == "classification":
        offset = 1 if anatomy.classes == _BACKGROUND_CLASSES else 0
        made = DatasetChoice(kind="imagenet", folder="imagenet", label_offset=offset)
    elif anatomy.classes == _VOC_CLASSES:
        made = DatasetChoice(kind="voc", folder="VOC2012")
    else:
        made = DatasetChoice(kind="masks", folder="masks")
    return _plain(made, "kind", "folder")


def _comments(anatomy: Anatomy) -> Mapping[str, Iterable[str]]:
    """What stands above each table."""
    front, back = anatomy.front, anatomy.back
    read = "; ".join(step.says for step in front.steps)
    confirmed = "TensorFlow's own tensors confirm it." if front.confirmed else ""
    after = "; ".join(step.says for step in back.steps)
    return {
        "source": ["The file on this machine; `urls` in the place of `path` bring it anywhere."],
        "cut": anatomy.reasons[:2],
        "preprocessing": [
            f"In the graph: {read or 'nothing'}. {confirmed}".strip(),
            *(f"Not in the graph: {guess}." for guess in front.guesses),
            *(f"NOT EXPRESSED HERE: {missing}." for missing in front.missing),
        ],
        "postprocessing": [
            f"In the graph: {after or 'nothing'}.",
            *(f"{guess}." for guess in back.guesses),
            *(f"NOT EXPRESSED HERE: {missing}." for missing in back.missing),
            *(f"Or output = {a.output!r} in [cut], which {a.says}." for a in back.alternatives),
        ],
        "dataset": [f"A guess by the task and its classes: {anatomy.task}, {anatomy.classes}."],
        "gates": ["The largest drops that are published; 0.01 is one point of the metric."],
    }


def _table(fields: Fields) -> Table:
    """A table; the tables in it are written as headings of their own, or inline if they are small."""
    nested = all(isinstance(value, dict) for value in fields.values())
    table = tomlkit.table(is_super_table=nested)
    for key, value in fields.items():
        table.add(key, _table(value) if nested else _value(value))
    return table


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inline = tomlkit.inline_table()
    inline.update({k: _value(_listed(v)) for k, v in value.items() if v is not None})
    return inline


def _comment(container: Any, lines: Iterable[str]) -> None:
    """Comments, wrapped to the width of the recipes."""
    import textwrap

    for line in lines:
        for part in textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False):
            container.add(tomlkit.comment(part))
