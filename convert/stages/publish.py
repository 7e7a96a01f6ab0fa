"""Put a passed variant where others find it: whole, or not at all."""

import shutil
import tempfile
from pathlib import Path

from convert import manifest as manifests
from convert.card import card
from convert.manifest import Manifest
from convert.store import digest, digest_file, locked, publish_folder

CARD = "README.md"


def publish(manifest: Manifest, model: Path, golden: Path, final: Path) -> bool:
    """Make `final` hold the model, its golden tensors, its card and its manifest.

    Returns whether anything had to be written. A run that is broken off leaves what was there.
    """
    with locked(final):
        if _stands(manifest, final):
            return False
        with tempfile.TemporaryDirectory(dir=final.parent, prefix=".staging-") as scratch:
            staging = Path(scratch, final.name)
            staging.mkdir()
            _copy(model, staging / manifest.artifact.path)
            _copy(golden, staging / manifest.golden.file)
            (staging / CARD).write_text(card(manifest), encoding="utf-8")
            others = {name: digest_file(staging / name) for name in (CARD, manifest.golden.file)}
            whole = manifest.model_copy(update={"files": others})
            text = whole.model_dump_json(indent=1) + "\n"
            (staging / manifests.NAME).write_text(text, encoding="utf-8")
            publish_folder(staging, final)
    return True


def withdraw(final: Path) -> None:
    """Take away what an earlier run published and this one refuses."""
    with locked(final):
        shutil.rmtree(final, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _stands(manifest: Manifest, final: Path) -> bool:
    """Whether the folder holds just this already, every byte of it."""
    try:
        there = Manifest.model_validate_json((final / manifests.NAME).read_bytes())
        whole = all(digest_file(final / name) == sha for name, sha in there.files.items())
        model = digest(final / there.artifact.path)
    except (OSError, ValueError):
        return False
    same = there.model_copy(update={"files": {}}) == manifest
    return whole and same and model == manifest.artifact.sha256
