"""What is published: every folder below models/out that has a manifest."""

from collections.abc import Iterator
from pathlib import Path

from convert.errors import SourceError, UsageError
from convert.manifest import NAME, Manifest, read_manifest
from convert.vocabulary import Scheme, Target


def published(out: Path, names: tuple[str, ...] = ()) -> Iterator[tuple[Path, Manifest]]:
    """Folders with their manifests, by recipe and variant; `names`: of these recipes only.

    Raises UsageError where one of the names has nothing published. A folder whose manifest another
    version of convert wrote, and this one cannot read, is left out.
    """
    for name in names:
        if not any((out / name).glob(f"*/{NAME}")):
            raise UsageError(
                f"{name}: nothing is published in {out / name}", hint=f"convert run {name}"
            )
    for path in sorted(out.glob(f"*/*/{NAME}")):
        folder = path.parent
        if folder.name.startswith(".") or (names and folder.parent.name not in names):
            continue
        try:
            yield folder, read_manifest(folder)
        except SourceError:
            continue


def smallest(out: Path, name: str, target: Target, scheme: Scheme | None) -> tuple[Path, Manifest]:
    """The published file of a recipe and a target (and scheme) that is the fewest bytes to send.

    Raises UsageError where there is none.
    """
    found = [
        (folder, manifest)
        for folder, manifest in published(out, (name,))
        if manifest.artifact.target == target and scheme in (None, manifest.artifact.scheme)
    ]
    if not found:
        asked = f"{target}-{scheme}" if scheme else target
        there = ", ".join(folder.name for folder, _ in published(out, (name,)))
        raise UsageError(
            f"{name}: no {asked} file is published; there are {there}",
            hint=f"convert run {name} --targets {target}",
        )
    return min(found, key=lambda pair: pair[1].artifact.bytes_brotli)
