"""All files of a kit but the model itself."""

from pathlib import Path

from convert.kits.golden import golden, packed
from convert.kits.module import module
from convert.manifest import Manifest


def files(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """Content by name, of a published folder.

    Raises UnsupportedError where the model has no form in JavaScript, SourceError where its golden
    tensors are missing.
    """
    arrays = golden(folder, manifest)
    texts = module(manifest, testable="answer" in arrays)
    return {name: text.encode() for name, text in texts.items()} | packed(arrays)
