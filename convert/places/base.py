"""What a place is: somewhere behind a URL that files are read from and written to by name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol


class Place(Protocol):
    """A folder, a bucket or a repository; names are relative, with slashes."""

    @property
    def url(self) -> str:
        """What it was opened by, without a slash at its end."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file's content as it is now, or None where there is none. Raises SourceError."""
        ...

    def fetch(self, name: str, into: Path) -> None:
        """Bring a file. Raises SourceError, also where it is not there."""
        ...

    def put(self, files: Mapping[str, Path], why: str) -> None:
        """Write files of this machine, over what is there. Raises SourceError."""
        ...

    def write(self, name: str, content: bytes, why: str) -> None:
        """Write one file in one step: it is never seen half-written. Raises SourceError."""
        ...

    def clear(self, folder: str, why: str) -> None:
        """Remove a folder that an interrupted upload left. Raises SourceError."""
        ...


Opener = Callable[[str], Place]
