"""What is published: every folder below models/out that has a manifest."""

from dataclasses import dataclass
from pathlib import Path

from convert.errors import SourceError, UsageError
from convert.manifest import NAME, Manifest, read_manifest
from convert.vocabulary import Scheme, Target


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is published, by recipe and variant."""

    files: tuple[tuple[Path, Manifest], ...]
    """Folders with their manifests."""
    unreadable: dict[str, str]
    """`<recipe>/<variant>` -> why its manifest cannot be read, such as another version's."""

    def require_some(self, out: Path) -> None:
        """Raise UsageError where there is none, and say of those that cannot be read why."""
        if self.files:
            return
        if not self.unreadable:
            raise UsageError(
                f"nothing is published in {out}", hint="`convert run deeplab-shapes` works offline."
            )
        (place, why), *more = self.unreadable.items()
        others = f" (and {len(more)} more)" if more else ""
        raise UsageError(
            f"nothing that can be read is published in {out}: {why}{others}",
            hint=f"`convert run {place.partition('/')[0]}` publishes it anew.",
        )


def published(out: Path, names: tuple[str, ...] = ()) -> Published:
    """Every folder that has a manifest; `names`: of these recipes only.

    Raises UsageError where one of the names has nothing published.
    """
    for name in names:
        if not any((out / name).glob(f"*/{NAME}")):
            raise UsageError(
                f"{name}: nothing is published in {out / name}", hint=f"convert run {name}"
            )
    files, unreadable = [], {}
    for path in sorted(out.glob(f"*/*/{NAME}")):
        folder = path.parent
        if folder.name.startswith(".") or (names and folder.parent.name not in names):
            continue
        try:
            files.append((folder, read_manifest(folder)))
        except (SourceError, OSError) as error:
            why = error.message if isinstance(error, SourceError) else str(error)
            unreadable[f"{folder.parent.name}/{folder.name}"] = why
    return Published(files=tuple(files), unreadable=unreadable)


def smallest(out: Path, name: str, target: Target, scheme: Scheme | None) -> tuple[Path, Manifest]:
    """The published file of a recipe and a target (and scheme) that is the fewest bytes to send.

    Raises UsageError where there is none.
    """
    there = published(out, (name,))
    there.require_some(out)
    found = [
        (folder, manifest)
        for folder, manifest in there.files
        if manifest.artifact.target == target and scheme in (None, manifest.artifact.scheme)
    ]
    if not found:
        asked = f"{target}-{scheme}" if scheme else target
        names = ", ".join(folder.name for folder, _ in there.files)
        unread = "".join(f"; {place}: {why}" for place, why in there.unreadable.items())
        raise UsageError(
            f"{name}: no {asked} file is published; there are {names}{unread}",
            hint=f"convert run {name} --targets {target}",
        )
    return min(found, key=lambda pair: pair[1].artifact.bytes_brotli)
