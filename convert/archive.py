"""One file out of a tar (plain, gz, bz2, xz) or zip archive, and nothing else."""

import difflib
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from convert.errors import SourceError
from convert.store import require_space

LARGEST_MEMBER = 2 * 2**30
"""Bytes that the member may unpack to: the bound of a protobuf, which a frozen graph is."""
LARGEST_ARCHIVE = 16 * 2**30
"""Bytes that all members up to the wanted one may unpack to."""

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,  # a zip's compression that Python does not know
)
_PIECE = 2**20


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One entry of an archive; `size` is what it says it unpacks to, in bytes."""

    name: str
    size: int
    oddity: str | None
    """What it is where it is no regular file."""
    open: Callable[[], IO[bytes] | None]


def extract_member(archive: Path, member: str, out: BinaryIO) -> None:
    """Write one regular file of an archive to the open file `out`; nothing else is unpacked.

    The archive's digest is the caller's to check: damage inside of it may go unseen here.
    Raises SourceError if the archive is broken or of no known kind, or if the member is absent,
    is a link or a device, or is larger than LARGEST_MEMBER.
    """
    try:
        _extract(archive, str(PurePosixPath(member)), out)
    except _BROKEN as error:
        raise SourceError(f"{archive}: the archive cannot be unpacked: {error}") from error


def _extract(archive: Path, member: str, out: BinaryIO) -> None:
    """Go through the entries to the first of that name; a hostile archive ends it early."""
    names: list[str] = []
    unpacked = 0
    for entry in _entries(archive):
        unpacked += entry.size
        if unpacked > LARGEST_ARCHIVE:
            raise SourceError(f"{archive}: unpacks to more than {LARGEST_ARCHIVE:,} bytes")
        if entry.name == member:
            return _copy(entry, archive, out)
        names.append(entry.name)
    raise _absent(archive, member, names)


def _copy(entry: _Entry, archive: Path, out: BinaryIO) -> None:
    if entry.oddity:
        raise SourceError(f"{archive}: {entry.name} is {entry.oddity}, not a plain file")
    if entry.size > LARGEST_MEMBER:
        raise SourceError(
            f"{archive}: {entry.name} unpacks to {entry.size:,} bytes, {LARGEST_MEMBER:,} at most"
        )
    require_space(Path(out.name).parent, entry.size)
    content = entry.open()
    written = 0
    while content and written <= entry.size and (piece := content.read(_PIECE)):
        written += out.write(piece)
    if written != entry.size:
        raise SourceError(f"{archive}: {entry.name} is not the {entry.size:,} bytes it says it is")


def _absent(archive: Path, member: str, names: Sequence[str]) -> SourceError:
    near = difflib.get_close_matches(member, names, n=3, cutoff=0.4) or names[:3]
    return SourceError(
        f"{archive}: holds no {member!r} among its {len(names)} entries",
        hint=f"`member` in the recipe names the file; near it: {', '.join(near) or 'nothing'}.",
    )


def _entries(archive: Path) -> Iterator[_Entry]:
    # Tar first: a tar that holds a zip can look like a zip from its end.
    if tarfile.is_tarfile(archive):
        return _tar_entries(archive)
    if zipfile.is_zipfile(archive):
        return _zip_entries(archive)
    raise SourceError(
        f"{archive}: neither a tar (plain, gz, bz2, xz) nor a zip archive",
        hint="A recipe whose URL is the model file itself has no `member`.",
    )


def _tar_entries(archive: Path) -> Iterator[_Entry]:
    """The entries in order; each can be opened only while it is the latest."""
    with tarfile.open(archive, "r|*") as tar:
        for info in tar:
            yield _Entry(
                name=str(PurePosixPath(info.name)),
                size=info.size,
                oddity=_tar_oddity(info),
                open=partial(tar.extractfile, info),
            )


def _tar_oddity(info: tarfile.TarInfo) -> str | None:
    if info.issym() or info.islnk():
        return f"a link to {info.linkname}"
    if info.isdir():
        return "a folder"
    return None if info.isreg() else "a device or the like"


def _zip_entries(archive: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            yield _Entry(
                name=str(PurePosixPath(info.filename)),
                size=info.file_size,
                oddity=_zip_oddity(info),
                open=partial(opened.open, info),
            )


def _zip_oddity(info: zipfile.ZipInfo) -> str | None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "a link"
    if info.is_dir():
        return "a folder"
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "a device or the like"
    return "encrypted" if info.flag_bits & 1 else None
