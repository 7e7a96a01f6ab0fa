"""Draft a recipe's fields from an anatomy: complete and runnable."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.anatomy import Anatomy, SourceFile
from convert.errors import UnsupportedError
from convert.preprocessing import Resampling
from convert.recipe import Cut, DatasetChoice
from convert.vocabulary import TARGETS, Record

_VOC_CLASSES, _BACKGROUND_CLASSES = 21, 1001
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
            **({"files": [c.model_dump() for c in file.files]} if file.files else {}),
        },
        "license": {"id": "unknown", "evidence": _EVIDENCE},
        "cut": _stated(anatomy.cut, Cut()),
        "preprocessing": _plain(anatomy.front.preprocessing, "size", "resize"),
        "postprocessing": _plain(anatomy.back.postprocessing, "decode"),
        "dataset": _dataset(anatomy),
        "targets": {t: {"layout": "NCHW"} if t == "onnx" else {} for t in TARGETS},
        "gates": {scheme: {"drop": drop} for scheme, drop in _GATES.items()},
    }


def _require_expressible(anatomy: Anatomy) -> SourceFile:
    hint = "`convert inspect FILE` shows all that was found; a recipe can also be written by hand."
    if anatomy.file is None or anatomy.task is None or anatomy.classes is None:
        says = f"no recipe can be written, for the task is not told. {anatomy.reasons[-1]}"
        raise UnsupportedError(says, hint=hint)
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
    return {key: _listed(said[key]) or _named(getattr(record, key)) for key in order}


def _named(value: Any) -> Any:
    """A resampling that is all default still says its method; other empty values stay."""
    return {"method": value.method} if isinstance(value, Resampling) else value


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
