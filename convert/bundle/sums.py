"""SHA256SUMS: every file's digest, as `sha256sum --check` reads it."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from convert.errors import SourceError

_LINE = re.compile(r"([0-9a-f]{64})  (\S[^\n\0\\]*)")


def sums_text(digests: Mapping[str, str]) -> str:
    """One line a file, sorted by name."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))


def read_sums(content: bytes) -> dict[str, str]:
    """Relative name -> digest. Raises SourceError where it is not as `sums_text` writes it.

    No name leads outside the folder, so that what is brought by them stays in its place.
    """
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise SourceError(f"SHA256SUMS: {error}") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        path = PurePosixPath(match[2]) if match else None
        if match is None or path is None or path.is_absolute() or ".." in path.parts:
            raise SourceError(f"SHA256SUMS: line {number} is no digest and name: {line[:100]!r}")
        found[match[2]] = match[1]
    if not found or sums_text(found).encode() != content:
        raise SourceError("SHA256SUMS: empty, or not in the order and form that publish writes")
    return found
