"""The files that a model is made of: of most formats one, of some several."""

from collections.abc import Callable, Mapping
from pathlib import Path

from convert.anatomy import SourceFile
from convert.errors import SourceError
from convert.recipe import Companion
from convert.sources import checkpoint, onnx, saved_model, tfjs
from convert.store import digest_file
from convert.vocabulary import SourceFormat

Files = Callable[[Path], tuple[Path, ...]]

SEVERAL: Mapping[SourceFormat, Files] = {
    "checkpoint": checkpoint.files,
    "onnx": onnx.files,
    "saved_model": saved_model.files,
    "tfjs": tfjs.files,
}
"""Formats whose models may be several files -> all of a model's, the one that names them first."""


def source_file(path: Path, format: SourceFormat) -> SourceFile:
    """The file that names a model, which `path` or its folder is, and those that lie beside it.

    Raises SourceError where one is missing.
    """
    first, *others = SEVERAL[format](path) if format in SEVERAL else (path,)
    missing = [file for file in (first, *others) if not file.is_file()]
    if missing:
        raise SourceError(
            f"{missing[0]} is missing, which {first.name} names",
            hint="All files of a model belong together.",
        )
    return SourceFile(
        path=str(first),
        format=format,
        bytes=first.stat().st_size,
        sha256=digest_file(first),
        files=tuple(_companion(file, first.parent) for file in others),
    )


def _companion(file: Path, folder: Path) -> Companion:
    name = file.relative_to(folder).as_posix()
    return Companion(name=name, sha256=digest_file(file), bytes=file.stat().st_size or None)
