"""Files on disk: digests, whole-or-nothing writes, folders swapped in, locks, free space."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from convert.errors import SourceError

Algorithm = Literal["sha256", "sha384"]

_READ_ONLY = 0o444
_SPARE = 64 * 2**20
"""Bytes that stay free on a disk beside what is about to be written."""


def digest_file(path: Path, algorithm: Algorithm = "sha256") -> str:
    """The hexadecimal digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def digest_folder(path: Path, without: str | None = None) -> str:
    r"""The sha256 over a folder's sorted relative names and contents; empty folders do not count.

    `without` is the relative name of a file that is left out.

    Coreutils give the same, inside the folder: `find . -type f -printf '%P\0' | LC_ALL=C sort -z |
    xargs -0 sha256sum -z | sha256sum`.
    """
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    files.pop(without or "", None)
    return digest_of({name: digest_file(file) for name, file in files.items()})


def digest_of(digests: Mapping[str, str]) -> str:
    """The sha256 over files' relative names and digests, which `digest_folder` gives for them."""
    whole = hashlib.sha256()
    for name in sorted(digests, key=os.fsencode):
        whole.update(f"{digests[name]}  ".encode() + os.fsencode(name) + b"\0")
    return whole.hexdigest()


def digest(path: Path) -> str:
    """The sha256 of a file or of a folder, whichever is there."""
    return digest_folder(path) if path.is_dir() else digest_file(path)


@contextmanager
def replacing(path: Path, *, read_only: bool = False) -> Iterator[BinaryIO]:
    """A file to write (and read back) that takes the path's place when the block ends well.

    It lies in the path's folder until then; when the block raises it is removed and what stood at
    the path stays.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("x+b") as file:
            yield file
        settle(temporary, path, read_only=read_only)
    finally:
        temporary.unlink(missing_ok=True)


def settle(temporary: Path, path: Path, *, read_only: bool = False) -> None:
    """Move a finished file to its path in one step, once its bytes are safely on the disk."""
    with temporary.open("r+b") as file:
        os.fsync(file.fileno())
    if read_only:
        temporary.chmod(_READ_ONLY)
    temporary.replace(path)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that is never seen half-written; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Write text as UTF-8, with line feeds as given, in one step."""
    write_bytes(path, content.encode())


def publish_folder(staging: Path, final: Path) -> None:
    """Put a finished folder in the place of `final`, which comes back if that fails.

    Both lie on one disk. Between two renames `final` is absent: a run that is killed there leaves
    it as `.<name>.aside`, which the next call puts back first. Callers hold `locked(final)`.
    """
    aside = final.with_name(f".{final.name}.aside")
    final.parent.mkdir(parents=True, exist_ok=True)
    _put_back(aside, final)
    try:
        if final.exists():
            final.rename(aside)
        staging.rename(final)
    finally:
        _put_back(aside, final)


def _put_back(aside: Path, final: Path) -> None:
    """Return what was moved aside, or remove it where its place is taken by now."""
    if final.exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.exists():
        aside.rename(final)


def require_space(folder: Path, needed: int) -> None:
    """Raise SourceError unless the folder's disk has room for `needed` bytes and some spare."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < needed + _SPARE:
        raise SourceError(
            f"{folder}: {needed:,} bytes are to be written and {free:,} are free on its disk",
            hint="Free some space, or set CONVERT_HOME to a folder on another disk.",
        )


@contextmanager
def locked(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a path against other runs and threads; `waiting` is called once if another has it.

    Taking it again inside the block, in the same thread, is allowed. The lock is the file
    `.<name>.lock` beside the path, which stays: removing it would let two runs in.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.absolute().with_name(f".{path.name}.lock"), is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
