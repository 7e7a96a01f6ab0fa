"""Every file of a bundle that is made of the manifest alone."""

from collections.abc import Mapping

from convert.bundle import layout
from convert.bundle.bom import bom_text
from convert.bundle.feeding import Feeding
from convert.bundle.notice import notice
from convert.bundle.provenance import statement, statement_text
from convert.card import card
from convert.manifest import Manifest


def documents(manifest: Manifest, files: Mapping[str, str]) -> dict[str, bytes]:
    """Name -> content; `files` are the model's, by relative name with their SHA-256."""
    texts = {
        layout.CARD: card(manifest),
        layout.NOTICE: notice(manifest),
        layout.PREPROCESSING: Feeding.of(manifest).model_dump_json(indent=1) + "\n",
        layout.BOM: bom_text(manifest, files),
        layout.PROVENANCE: statement_text(statement(manifest, files)),
    }
    return {name: text.encode() for name, text in texts.items()}
