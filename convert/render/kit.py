"""What a kit is and where it lies."""

from pathlib import Path

from convert.kits.answers import kind_of
from convert.manifest import Manifest
from convert.render.console import out, print_json, size
from convert.vocabulary import Record


class _KitFacts(Record):
    """`convert kit --json`."""

    recipe: str
    target: str
    scheme: str
    path: str
    answers: str
    files: dict[str, int]
    """Name -> bytes."""


def show_kit(path: Path, manifest: Manifest, as_json: bool) -> None:
    """Its files, and what to do next."""
    files = {
        file.relative_to(path).as_posix(): file.stat().st_size
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }
    artifact = manifest.artifact
    if as_json:
        facts = _KitFacts(
            recipe=manifest.recipe.name,
            target=artifact.target,
            scheme=artifact.scheme,
            path=str(path),
            answers=kind_of(manifest),
            files=files,
        )
        print_json(facts)
        return
    module = files["model.js"]
    out().print(
        f"{path}\n  {artifact.target}-{artifact.scheme}, {size(artifact.bytes)}; "
        f"model.js, {size(module)}, answers with {kind_of(manifest)}\n"
        "  README.md says how a page uses it; `node --test` replays its golden tensors",
        soft_wrap=True,
        markup=False,
    )
