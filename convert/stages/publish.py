"""Put a passed variant where others find it: whole, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from convert import manifest as manifests
from convert.card import card
from convert.manifest import Manifest
from convert.store import digest, digest_file, locked, publish_folder, write_text

CARD = "README.md"


def publish(manifest: Manifest, model: Path, golden: Path, final: Path) -> bool:
    """Make `final` hold the model, its golden tensors, its card and its manifest.

    Returns whether anything had to be written. A run that is broken off leaves what was there.
    """
    text = card(manifest).encode()
    files = {CARD: sha256(text).hexdigest(), manifest.golden.file: digest_file(golden)}
    whole = manifest.model_copy(update={"files": files})
    with locked(final):
        if _stands(whole, final):
            return False
        with _staging(final) as staging:
            staging.mkdir()
            _copy(model, staging / manifest.artifact.path)
            _copy(golden, staging / manifest.golden.file)
            (staging / CARD).write_bytes(text)
            write_text(staging / manifests.NAME, whole.model_dump_json(indent=1) + "\n")
            publish_folder(staging, final)
    return True


def withdraw(final: Path) -> None:
    """Take away what an earlier run published and this one refuses, in one step."""
    with locked(final), _staging(final) as aside:
        if final.exists():
            final.rename(aside)


@contextmanager
def _staging(final: Path) -> Iterator[Path]:
    """A place beside `final` that is gone afterwards, like those of runs that were killed."""
    prefix = f".staging-{final.name}-"
    for left in final.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=prefix) as scratch:
        yield Path(scratch, final.name)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _stands(whole: Manifest, final: Path) -> bool:
    """Whether the folder holds all this already, every byte of it."""
    try:
        there = Manifest.model_validate_json((final / manifests.NAME).read_bytes())
        files = {name: digest_file(final / name) for name in whole.files}
        model = digest(final / whole.artifact.path)
    except (OSError, ValueError):
        return False
    return there == whole and files == whole.files and model == whole.artifact.sha256
