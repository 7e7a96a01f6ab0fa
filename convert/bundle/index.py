"""index.json: the versions of a model at a place, and which is the latest.

A version is there if the index says so: the index is written last, so an upload that was broken off
shows nothing.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from convert.bundle import layout
from convert.errors import SourceError, UsageError
from convert.places.base import Place
from convert.vocabulary import Record

NAME = "index.json"
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


class Published(Record):
    """One variant of a version, which never changes."""

    sums_sha256: str
    """Of its SHA256SUMS, which is over all its files but the times."""
    signature_sha256: str | None = None
    sigstore_sha256: str | None = None

    @property
    def promised(self) -> tuple[str, str | None, bool]:
        """What publishing the same again gives again: no Sigstore signature is made twice."""
        return self.sums_sha256, self.signature_sha256, self.sigstore_sha256 is not None


class Index(Record):
    """All versions of one model."""

    schema_version: int = 1
    name: str
    latest: str
    versions: dict[str, dict[str, Published]]
    """Version -> variant -> what it is."""


def require_version(version: str) -> str:
    """Raise UsageError unless a version is one of https://semver.org, without build metadata."""
    if not _VERSION.fullmatch(version):
        raise UsageError(
            f"--version {version!r}: no version", hint="Three numbers, such as 1.0.0 or 2.1.0-rc.1."
        )
    return version


def latest(versions: Iterable[str]) -> str:
    """The highest by number; one that is a candidate for a release comes before it."""
    return max(versions, key=_rank)


def _rank(version: str) -> tuple[list[int], bool, str]:
    numbers, _, candidate = version.partition("-")
    return [int(number) for number in numbers.split(".")], not candidate, candidate


def published(folder: Path) -> Published:
    """What a bundle on this machine would be in the index."""
    signature, sigstore = folder / layout.SIGNATURE, folder / layout.SIGSTORE
    return Published(
        sums_sha256=_sha256((folder / layout.SUMS).read_bytes()),
        signature_sha256=_sha256(signature.read_bytes()) if signature.exists() else None,
        sigstore_sha256=_sha256(sigstore.read_bytes()) if sigstore.exists() else None,
    )


def read_index(place: Place, folder: str) -> Index | None:
    """The index in a folder of a place (empty, or ending with a slash), if there is one.

    Raises SourceError where it is not one.
    """
    content = place.read(f"{folder}{NAME}")
    if content is None:
        return None
    try:
        return Index.model_validate_json(content)
    except ValidationError as error:
        raise SourceError(f"{place.url}/{folder}{NAME}: {error.errors()[0]['msg']}") from error


def index_text(index: Index) -> bytes:
    """The file's content."""
    return f"{index.model_dump_json(indent=1)}\n".encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
