"""Write what an app needs to use a published model: code, types, golden tensors, the file."""

import shutil
import tempfile
from pathlib import Path

from convert.errors import UsageError
from convert.kits.files import files
from convert.manifest import Manifest
from convert.store import locked, publish_folder, write_bytes


def kit(folder: Path, manifest: Manifest, final: Path) -> Path:
    """Make `final` the kit of a published folder, whole or not at all; what it holds.

    Raises UnsupportedError where the model has no form in JavaScript, SourceError where its golden
    tensors are missing, UsageError where something else than a kit lies at `final`.
    """
    _require_replaceable(final)
    contents = files(folder, manifest)
    final.parent.mkdir(parents=True, exist_ok=True)
    with (
        locked(final),
        tempfile.TemporaryDirectory(dir=final.parent, prefix=f".{final.name}-") as scratch,
    ):
        staging = Path(scratch, "kit")
        for name, content in contents.items():
            write_bytes(staging / name, content)
        _copy(folder / manifest.artifact.path, staging / manifest.artifact.path)
        publish_folder(staging, final)
    return final


def _require_replaceable(final: Path) -> None:
    is_kit = all((final / name).is_file() for name in ("model.js", "golden.json"))
    if final.exists() and not is_kit and (final.is_file() or any(final.iterdir())):
        raise UsageError(
            f"{final} holds something else than a kit, which would be lost",
            hint="Name a folder that is not there yet with --out.",
        )


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
