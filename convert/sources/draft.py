"""Draft a recipe's fields from an anatomy: complete and runnable."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.anatomy import Anatomy, SourceFile
from convert.errors import UnsupportedError
from convert.preprocessing import Postprocessing, Resampling
from convert.recipe import Cut, DatasetChoice
from convert.vocabulary import TARGETS, MetricName, Record, Task

_VOC_CLASSES, _BACKGROUND_CLASSES = 21, 1001
_EVIDENCE = "not known: name the license of the weights here, and what says so"
_GATES: Mapping[str, float] = {"float32": 0.001, "float16": 0.005, "uint8": 0.03}
"""Largest drops that pass, in the metric's unit."""
_AGAINST_REFERENCE: Mapping[str, float] = {"float32": 0.001, "float16": 0.01, "uint8": 0.1}
"""The same for metrics of the reference's own numbers, which eight bits change more than labels."""

_METRICS: Mapping[Task, MetricName] = {
    "segmentation": "miou",
    "classification": "top_k",
    "image": "similarity",
    "detection": "parity",
    "landmarks": "parity",
    "pose": "parity",
    "other": "parity",
}
"""Those of the last kinds need no truth: they hold a file's answer against the reference's."""

_LOOPS = frozenset({"Enter", "LoopCond", "NextIteration", "StatelessWhile", "While"})

Fields = dict[str, Any]


def draft(anatomy: Anatomy, *, title: str, folder: Path) -> Fields:
    """The recipe's fields, less its name; `folder` is where the recipe will lie.

    Raises UnsupportedError where no recipe can express the model.
    """
    file, task = _require_expressible(anatomy)
    post = anatomy.back.postprocessing if task != "other" else Postprocessing(tensors=True)
    return {
        "title": title,
        "task": task,
        "classes": anatomy.classes or 1,
        "metric": "detection" if post.boxes or post.merged else _METRICS[task],
        "source": {
            "format": file.format,
            "path": _relative(Path(file.path), folder),
            "sha256": file.sha256,
            "bytes": file.bytes,
            **({"files": [c.model_dump() for c in file.files]} if file.files else {}),
        },
        "license": {"id": "unknown", "evidence": _EVIDENCE},
        "cut": _stated(_cut(anatomy, task), Cut()),
        "preprocessing": _plain(anatomy.front.preprocessing, "size", "resize"),
        "postprocessing": _postprocessing(post),
        "dataset": _dataset(anatomy),
        "targets": {t: {"layout": "NCHW"} if t == "onnx" else {} for t in TARGETS},
        "gates": {scheme: {"drop": drop} for scheme, drop in _drops(task).items()},
    }


def _require_expressible(anatomy: Anatomy) -> tuple[SourceFile, Task]:
    hint = "`convert inspect FILE` shows all that was found; a recipe can also be written by hand."
    if anatomy.file is None:
        raise UnsupportedError("no recipe can be written of a graph without a file", hint=hint)
    if anatomy.front.layout != "NHWC":
        raise UnsupportedError(
            f"no recipe can be written: from {anatomy.front.end!r} on, the network takes its "
            "channels first (NCHW)",
            hint=hint,
        )
    if not anatomy.core.ops or _LOOPS & anatomy.core.ops.keys():
        why = "prepares its picture in a loop" if anatomy.core.ops else "cannot be cut there"
        raise UnsupportedError(
            f"no recipe can be written: the graph {why}. {anatomy.reasons[0]}", hint=hint
        )
    if anatomy.task is None or anatomy.classes is None:
        _require_fixed(anatomy, hint)
        return anatomy.file, "other"
    return anatomy.file, anatomy.task


def _require_fixed(anatomy: Anatomy, hint: str) -> None:
    """Numbers of no known meaning can be compared where there are as many for every picture."""
    core = anatomy.core
    shapes = core.output_shapes.values() or (core.output_shape,)
    if any(shape is None or None in shape for shape in shapes):
        says = "no recipe can be written, for how many numbers it answers is not fixed"
        raise UnsupportedError(f"{says}. {anatomy.reasons[-1]}", hint=hint)


def _cut(anatomy: Anatomy, task: Task) -> Cut:
    """The proposed cut; what is not understood is compared where the core ends."""
    cut = anatomy.cut
    if task != "other" or cut.outputs:
        return cut
    return cut.model_copy(update={"original_output": cut.output, "output_name": "output"})


def _drops(task: Task) -> Mapping[str, float]:
    return _GATES if task in ("segmentation", "classification") else _AGAINST_REFERENCE


def _relative(path: Path, folder: Path) -> str:
    """Relative to the recipe's folder if both lie in one project, absolute otherwise."""
    whole, project = path.resolve(), folder.resolve().parent
    if whole.is_relative_to(project) and project != Path(project.anchor):
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    return whole.as_posix()


def _stated(record: Record, usual: Record) -> Fields:
    """What a record says that is not what it says anyway."""
    said, default = record.model_dump(), usual.model_dump()
    stated = {key: value for key, value in said.items() if value != default[key]}
    return dict(sorted(stated.items(), key=lambda item: isinstance(item[1], dict)))  # tables last


def _plain(record: Record, *always: str) -> Fields:
    """A record's fields that are set otherwise than by default, and those that always stand."""
    said = record.model_dump(exclude_defaults=True)
    said |= {key: getattr(record, key) for key in always}
    order = [key for key in type(record).model_fields if said.get(key) is not None]
    return {key: _listed(said[key]) or _named(getattr(record, key)) for key in order}


def _postprocessing(post: Postprocessing) -> Fields:
    """Its fields; `decode` only where it may stand, which is not beside a picture or points."""
    return _plain(post) if post.whole or post == Postprocessing() else _plain(post, "decode")


def _named(value: Any) -> Any:
    """A resampling that is all default still says its method; other empty values stay."""
    return {"method": value.method} if isinstance(value, Resampling) else value


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _dataset(anatomy: Anatomy) -> Fields:
    if anatomy.task == "classification":
        offset = 1 if anatomy.classes == _BACKGROUND_CLASSES else 0
        made = DatasetChoice(kind="imagenet", folder="imagenet", label_offset=offset)
    elif anatomy.task == "segmentation" and anatomy.classes == _VOC_CLASSES:
        made = DatasetChoice(kind="voc", folder="VOC2012")
    else:
        made = DatasetChoice(kind="masks", folder="pictures")
    return _plain(made, "kind", "folder")
