"""Whether a file is the one that a recipe names, and the record of where it came from."""

from pathlib import Path

from pydantic import ValidationError

from convert.errors import SourceError
from convert.recipe import License, Source
from convert.store import Algorithm, digest_file, write_text
from convert.vocabulary import Record

_ALGORITHMS: tuple[Algorithm, ...] = ("sha256", "sha384")


class Provenance(Record):
    """What stands beside a pulled file, as `<file name>.source.json`.

    The `download_...` digests are of what came over the wire: the file, or the archive whose
    `member` the file is; None where a member was given without its archive.
    """

    origin: str
    sha256: str
    bytes: int
    download_sha256: str | None
    download_sha384: str | None
    member: str | None
    license: License


def difference(path: Path, source: Source) -> str | None:
    """Why a path is not the recipe's download, by its digests; None where it is."""
    if not path.is_file():
        return "no such file"
    wanted = {name: getattr(source, name) for name in _ALGORITHMS if getattr(source, name)}
    for algorithm, expected in wanted.items():
        found = digest_file(path, algorithm)
        if found != expected:
            return f"{algorithm} is {found} instead of {expected}{_size(path, source)}"
    return None


def require_download(path: Path, source: Source, origin: str) -> None:
    """Raise SourceError, which tells origin, found and expected, unless a file is the download."""
    why = difference(path, source)
    if why:
        raise SourceError(f"{origin}: not the recipe's file: {why}")


def require_member(path: Path, source: Source, origin: str) -> None:
    """Raise SourceError, likewise, unless a file is the member (or the recipe cannot tell)."""
    found = digest_file(path)
    if source.member_sha256 not in (None, found):
        raise SourceError(
            f"{origin}: its member {source.member} is not the recipe's file: "
            f"sha256 is {found} instead of {source.member_sha256}"
        )


def is_wanted(path: Path, source: Source) -> bool:
    """Whether a file is what the recipe wants in the end: the download, or the archive's member.

    Where the recipe gives no digest of the member, the record must say that the file came out of
    the archive that the recipe names.
    """
    if not path.is_file():
        return False
    if source.member is None:
        return difference(path, source) is None
    if source.member_sha256:
        return digest_file(path) == source.member_sha256
    record = recall(path)
    return record is not None and record.member == source.member and _same_download(record, source)


def remember(
    path: Path, source: Source, *, download: Path | None, origin: str, license: License
) -> None:
    """Write the record beside a file; `download` is what it was taken from, or the file itself."""
    record = Provenance(
        origin=origin,
        sha256=digest_file(path),
        bytes=path.stat().st_size,
        download_sha256=digest_file(download, "sha256") if download else None,
        download_sha384=digest_file(download, "sha384") if download else None,
        member=source.member,
        license=license,
    )
    write_text(_record_path(path), record.model_dump_json(indent=2) + "\n")


def recall(path: Path) -> Provenance | None:
    """The record beside a file; None where there is none that is of this very content."""
    try:
        record = Provenance.model_validate_json(_record_path(path).read_bytes())
    except (OSError, ValidationError):
        return None
    return record if record.sha256 == digest_file(path) else None


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.source.json")


def _same_download(record: Provenance, source: Source) -> bool:
    return source.sha256 in (None, record.download_sha256) and source.sha384 in (
        None,
        record.download_sha384,
    )


def _size(path: Path, source: Source) -> str:
    """The sizes of a wrong file and of the right one, where they tell the two apart."""
    size = path.stat().st_size
    return f" ({size:,} bytes of {source.bytes:,})" if source.bytes not in (None, size) else ""
