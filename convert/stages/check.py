"""Check a bundle from its bytes alone: digests, schemas, license, signature. Nothing is run."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from convert import manifest as manifests
from convert.bundle import layout
from convert.bundle.bom import licenses_of, require_schema
from convert.bundle.feeding import Feeding
from convert.bundle.keyless import ANYBODY, Identity, require_identity
from convert.bundle.notice import license_line
from convert.bundle.provenance import read_statement
from convert.bundle.signing import require_signature
from convert.bundle.sums import read_sums
from convert.bundle.timings import read_timings
from convert.card import hub_license
from convert.errors import SourceError
from convert.manifest import Manifest
from convert.store import digest
from convert.vocabulary import Record


class Checked(Record):
    """What was found; a problem begins with the name of the file."""

    files: int
    bytes: int
    signed_by: str | None
    """The key's fingerprint."""
    identity: str | None
    """Whose Sigstore signature it has."""
    problems: tuple[str, ...]


def check(folder: Path, key: Path | None = None, identity: Identity = ANYBODY) -> Checked:
    """Look at every byte of a bundle; only the signature of the public key or identity will do.

    Raises SourceError where the folder is no bundle at all.
    """
    if not folder.is_dir() or not any((folder / name).is_file() for name in _SIGNS):
        raise SourceError(
            f"{folder}: no bundle", hint="Give a folder such as models/out/<recipe>/tflite-uint8."
        )
    signed_by: dict[str, str | None] = {}

    def signature() -> None:
        signed_by["key"] = require_signature(folder, key)

    def signed_name() -> None:
        signed_by["identity"] = require_identity(folder, identity)

    problems = [
        *_attempt(lambda: _require_digests(folder)),
        *_attempt(lambda: _require_manifest(folder)),
        *_attempt(lambda: _require_timings(folder)),
        *_attempt(signature),
        *_attempt(signed_name),
    ]
    if not problems:
        manifest = Manifest.model_validate_json((folder / manifests.NAME).read_bytes())
        problems = [*_documents(folder, manifest)]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return Checked(
        files=len(files),
        bytes=sum(file.stat().st_size for file in files),
        signed_by=signed_by.get("key"),
        identity=signed_by.get("identity"),
        problems=tuple(problems),
    )


_SIGNS = (manifests.NAME, layout.SUMS)


def _attempt(look: Callable[[], object]) -> Iterator[str]:
    try:
        look()
    except SourceError as error:
        yield from error.message.splitlines()


def _require_digests(folder: Path) -> None:
    """Raise SourceError, a line a file, where a byte is not as the checksums say."""
    if not (folder / layout.SUMS).is_file():
        raise SourceError(f"{layout.SUMS}: missing")
    listed = read_sums((folder / layout.SUMS).read_bytes())
    found = layout.digests(folder)
    wrong = [
        _difference(name, found.get(name), listed.get(name))
        for name in sorted({*found, *listed})
        if found.get(name) != listed.get(name)
    ]
    if wrong:
        raise SourceError("\n".join(wrong))


def _difference(name: str, found: str | None, listed: str | None) -> str:
    if found is None:
        return f"{name}: missing, though {layout.SUMS} names it"
    if listed is None:
        return f"{name}: {layout.SUMS} does not name it"
    return f"{name}: its sha256 is {found}, {layout.SUMS} says {listed}"


def _require_manifest(folder: Path) -> None:
    """Raise SourceError where the manifest is none, or says other digests than there are."""
    path = folder / manifests.NAME
    if not path.is_file():
        raise SourceError(f"{manifests.NAME}: missing")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SourceError(f"{manifests.NAME}: {key}: {first['msg']}") from error
    named = {**manifest.files, manifest.artifact.path: manifest.artifact.sha256}
    wrong = [name for name, sha in named.items() if _digest(folder / name) != sha]
    if wrong:
        raise SourceError("\n".join(f"{name}: not what {manifests.NAME} says" for name in wrong))


def _digest(path: Path) -> str | None:
    return digest(path) if path.exists() else None


def _require_timings(folder: Path) -> None:
    if not (folder / layout.TIMINGS).is_file():
        raise SourceError(f"{layout.TIMINGS}: missing")
    read_timings((folder / layout.TIMINGS).read_bytes())


def _documents(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Where a document says something else than the manifest; every one speaks of the license."""
    license = manifest.license.id
    content = {name: (folder / name).read_bytes() for name in _SPEAK if (folder / name).is_file()}
    yield from (f"{name}: missing" for name in _SPEAK if name not in content)
    for name, says in _SPEAK.items():
        if name in content:
            yield from _agreed(name, says, content[name], license)
    if manifest.recipe.license != manifest.license:
        yield f"{manifests.NAME}: license and recipe.license are not the same"
    if layout.PREPROCESSING in manifest.files:
        fed = (folder / layout.PREPROCESSING).read_bytes()
        if Feeding.model_validate_json(fed) != Feeding.of(manifest):
            yield f"{layout.PREPROCESSING}: not what {manifests.NAME} says"
    if layout.BOM in content:
        yield from _attempt(lambda: require_schema(content[layout.BOM]))


def _agreed(
    name: str, says: Callable[[bytes, str], bool], content: bytes, license: str
) -> Iterator[str]:
    try:
        agreed = says(content, license)
    except (ValueError, KeyError, TypeError) as error:
        yield f"{name}: cannot be read: {str(error).splitlines()[0]}"
        return
    if not agreed:
        yield f"{name}: its license is not {license}, which {manifests.NAME} says"


def _card(content: bytes, license: str) -> bool:
    front = re.match(rb"---\nlicense: (.*)\n(?:license_name: (.*)\n)?", content)
    if front is None:
        return False
    word, name = json.loads(front[1]), front[2] and json.loads(front[2])
    return bool(word == hub_license(license) and name in (None, license))


def _notice(content: bytes, license: str) -> bool:
    return license_line(license) in content.decode().splitlines()


def _bom(content: bytes, license: str) -> bool:
    return [found.lower() for found in licenses_of(content)] == [license.lower()]


def _provenance(content: bytes, license: str) -> bool:
    made = read_statement(content).predicate.buildDefinition.externalParameters
    return made.recipe.license.id == license


_SPEAK: dict[str, Callable[[bytes, str], bool]] = {
    layout.CARD: _card,
    layout.NOTICE: _notice,
    layout.BOM: _bom,
    layout.PROVENANCE: _provenance,
}
"""Documents that name the license -> whether they name this one."""
