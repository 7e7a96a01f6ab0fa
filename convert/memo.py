"""Work that is not done twice: folders kept by the digest of all that decided what is in them."""

import hashlib
import importlib.metadata
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from convert.store import digest_folder, locked, write_text

Parts = Mapping[str, object]
"""What decides a piece of work, as JSON-able values: digests, parameters, tool versions."""

_PACKAGE = Path(__file__).parent
_SEAL = "seal"
"""Holds the digest of all else in a finished folder."""


class NotStandingError(LookupError):
    """A piece of work does not stand, and none is to be made."""


class Memo:
    """Finished pieces of work below one folder."""

    def __init__(self, root: Path, *, force: bool = False) -> None:
        """`force`: forget what stands from earlier runs; what this run makes is kept."""
        self.root = root
        self.made_any = False
        """Whether this run had anything to make."""
        self.closed = False
        """Nothing more is to be made: what does not stand raises NotStandingError."""
        self._force = force
        self._known: set[Path] = set()
        """What this run has made, or has found to be sound."""

    def recall(self, kind: str, parts: Parts) -> Path | None:
        """The folder of a finished piece of work, or None where it must be done."""
        folder = self._folder(kind, parts)
        if folder in self._known:
            return folder
        if self._force or not _is_sound(folder):
            return None
        self._known.add(folder)
        return folder

    def once(self, kind: str, parts: Parts, make: Callable[[Path], None]) -> Path:
        """The folder of a piece of work, made by `make` into an empty one if it is not there.

        A run that is broken off leaves nothing that a later run would take for finished.
        """
        folder = self._folder(kind, parts)
        with locked(folder):
            if self.recall(kind, parts) is None:
                if self.closed:
                    raise NotStandingError(kind)
                self._make(folder, parts, make)
            os.utime(folder)
        return folder

    def sweep(self, days: float = 14) -> None:
        """Remove the pieces of work that no run has used for so long."""
        oldest = time.time() - days * 86_400
        for folder in self.root.glob("*-*"):
            if folder.is_dir() and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _make(self, folder: Path, parts: Parts, make: Callable[[Path], None]) -> None:
        staging = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        staging.mkdir(parents=True)
        try:
            make(staging)
            write_text(staging / "parts.json", _canonical(parts))
            write_text(staging / _SEAL, digest_folder(staging))
            shutil.rmtree(folder, ignore_errors=True)
            staging.rename(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self._known.add(folder)
        self.made_any = True

    def _folder(self, kind: str, parts: Parts) -> Path:
        key = hashlib.sha256(_canonical(parts).encode()).hexdigest()[:16]
        return self.root / f"{kind}-{key}"


def _is_sound(folder: Path) -> bool:
    """Whether a folder is finished, and every byte of it is as it was made."""
    try:
        seal = (folder / _SEAL).read_text(encoding="ascii")
        return digest_folder(folder, without=_SEAL) == seal
    except (OSError, UnicodeDecodeError):
        return False


def _canonical(parts: Parts) -> str:
    return json.dumps(parts, sort_keys=True, indent=1)


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The installed versions of packages, without importing them; "absent" where one is not."""
    return {name: _version(name) for name in packages}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@cache
def code_digest(*parts: str) -> str:
    """The SHA-256 over our own named modules and packages: other code is another step."""
    whole = hashlib.sha256()
    for part in (_PACKAGE / name for name in parts):
        for path in sorted(part.rglob("*.py")) if part.is_dir() else [part]:
            whole.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
