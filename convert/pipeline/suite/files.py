"""The files of a row: those that are published here, and those that lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.articles.found import Absent, Writer
from convert.articles.table import SCHEMES, Column, Line
from convert.manifest import NAME, Manifest, read_manifest
from convert.runtimes import named
from convert.signature import Signature
from convert.vocabulary import Scheme, Target

_TARGETS: tuple[Target, ...] = ("tflite", "tfjs", "onnx")
_NOT_MEASURED = {"tfjs-uint8"}
"""They take the time of tfjs-float32."""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that is measured, and on which runtimes."""

    name: str
    """What progress calls it."""
    path: Path
    sha256: str
    scheme: Scheme
    writer: Writer
    signature: Signature
    bytes: int
    runtimes: tuple[str, ...]
    published: tuple[Path, Manifest] | None = None
    """Its folder, with the golden tensors; None of the converter's."""


def folders(line: Line, out: Path) -> list[Path]:
    """A row's published variants, of those that are measured."""
    return [out / line.recipe / name for name in _wanted() if _is_there(out / line.recipe / name)]


def absent(line: Line, out: Path) -> Absent | None:
    """What a row lacks; None where all is there."""
    lacks = tuple(name for name in _wanted() if not _is_there(out / line.recipe / name))
    return Absent(title=line.title, variants=lacks, command=line.command) if lacks else None


def published(folder: Path, columns: Sequence[Column]) -> File:
    """A published variant, on those runtimes that take it."""
    manifest = read_manifest(folder)
    model = manifest.artifact
    fitting = (c for c in columns if model.target == named(c.runtime).TARGET)
    return File(
        name=f"{folder.parent.name}-{model.scheme}",
        path=folder / model.path,
        sha256=model.sha256,
        scheme=model.scheme,
        writer="ours",
        signature=model.signature,
        bytes=model.bytes,
        runtimes=tuple(column.runtime for column in fitting if model.scheme in column.schemes),
        published=(folder, manifest),
    )


def _wanted() -> list[str]:
    every = [f"{target}-{scheme}" for target in _TARGETS for scheme in SCHEMES]
    return [name for name in every if name not in _NOT_MEASURED]


def _is_there(folder: Path) -> bool:
    return (folder / NAME).is_file()
