"""Hand on what is published here."""

import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from convert.bundle.index import require_version
from convert.bundle.keyless import Identity, sign_keyless
from convert.bundle.signing import sign
from convert.errors import SourceError, UsageError
from convert.licensing import require_accepted
from convert.manifest import NAME as MANIFEST
from convert.manifest import Manifest
from convert.pipeline.bundles.check import BundleFound, checked
from convert.pipeline.settings import Settings
from convert.places import open_place
from convert.progress import Progress
from convert.stages.check import check
from convert.stages.pack import pack
from convert.stages.release import release
from convert.vocabulary import Record

NPM = "npm:"


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How what is handed on is signed, if at all."""

    key: Path | None = None
    by_identity: bool = False
    """With Sigstore, by the identity that is at hand."""
    trust_config: Path | None = None
    """Of another Sigstore than sigstore.dev."""

    @property
    def trusted(self) -> Identity:
        """Whose signatures can be checked."""
        return Identity(trust_config=self.trust_config)

    def sign(self, folder: Path) -> str | None:
        """Put a signature into a bundle; tells whose it is."""
        if self.by_identity:
            return sign_keyless(folder, self.trust_config)
        return sign(folder, self.key) if self.key else None


class HandedOn(Record):
    """What publishing to a place did."""

    name: str
    version: str
    to: str
    variants: tuple[str, ...]
    signed_by: str | None
    was_there: bool
    """With these very bytes, so there was nothing to do."""


def publish_to(
    name: str,
    to: str,
    version: str,
    signing: Signing,
    settings: Settings,
    progress: Progress,
) -> HandedOn:
    """Check what is published of a recipe here, sign it where asked to, and hand it on.

    Raises UsageError where nothing is published, or the version is there with other bytes,
    SourceError where a bundle is damaged or the place fails.
    """
    require_version(version)
    place = None if to.startswith(NPM) else open_place(to)
    folder = settings.out / name
    variants = _published_here(folder)
    for label, path in variants.items():
        _require_sound(path, label, settings.accepted, name, progress)
    with tempfile.TemporaryDirectory() as scratch:
        copies, signer = {}, None
        for label, path in variants.items():
            copies[label] = Path(shutil.copytree(path, Path(scratch, label)))
            signer = signing.sign(copies[label])
        if place is None:
            target = Path(to.removeprefix(NPM))
            made = pack(copies, target, name=name, version=version, kit=folder / "kit")
        else:
            made = release(
                copies,
                place,
                name=name,
                version=version,
                check=lambda there: check(there, identity=signing.trusted).problems,
                progress=progress,
            )
    return HandedOn(
        name=name,
        version=version,
        to=to,
        variants=tuple(variants),
        signed_by=signer,
        was_there=not made,
    )


def _published_here(folder: Path) -> dict[str, Path]:
    found = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{MANIFEST}"))}
    if not found:
        raise UsageError(
            f"nothing of {folder.name} is published in {folder.parent}",
            hint=f"`convert run {folder.name}` publishes what passes.",
        )
    return found


def _require_sound(
    path: Path, label: str, accepted: Collection[str], name: str, progress: Progress
) -> None:
    progress.stage(label, "check")
    found = checked(path, label)
    if not found.passed:
        raise SourceError(
            "\n  ".join([f"{path} is not fit to be handed on:", *_complaints(found)]),
            hint=f"`convert run {name}` makes it anew.",
        )
    license = Manifest.model_validate_json((path / MANIFEST).read_bytes()).license
    require_accepted(license, accepted, name)


def _complaints(found: BundleFound) -> Iterator[str]:
    yield from found.problems
    for one in found.golden:
        yield f"golden tensors on {one.runtime}: {one.error or one.difference}"
