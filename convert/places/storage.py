"""Folders, buckets and web servers, through fsspec (https://filesystem-spec.readthedocs.io)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.errors import SourceError, ToolError


@dataclass(frozen=True, kw_only=True)
class Storage:
    """A filesystem of fsspec, and the root that names are relative to."""

    url: str
    fs: Any
    root: str

    def path(self, name: str) -> str:
        """Where the filesystem has a file."""
        return f"{self.root.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes | None:
        """A file's content as it is now, or None."""
        content: bytes | None = None
        with self.failing(name), suppress(FileNotFoundError, NotADirectoryError):
            self.fs.invalidate_cache()
            content = self.fs.cat_file(self.path(name))
        return content

    def fetch(self, name: str, into: Path) -> None:
        """Bring a file."""
        into.parent.mkdir(parents=True, exist_ok=True)
        with self.failing(name):
            self.fs.get_file(self.path(name), str(into))

    def put(self, files: Mapping[str, Path], why: str) -> None:
        """Write files, one after the other."""
        for name, source in files.items():
            with self.failing(name):
                self.fs.put_file(str(source), self.path(name))

    def write(self, name: str, content: bytes, why: str) -> None:
        """Write one file; fsspec's transaction puts it in place when it is whole."""
        path = self.path(name)
        with self.failing(name), self.fs.transaction, self.fs.open(path, "wb") as file:
            file.write(content)

    def clear(self, folder: str, why: str) -> None:
        """Remove a folder if it is there."""
        with self.failing(folder):
            self.fs.invalidate_cache()
            if self.fs.exists(self.path(folder)):
                self.fs.rm(self.path(folder), recursive=True)

    @contextmanager
    def failing(self, name: str) -> Iterator[None]:
        """Any failure of the filesystem, as a SourceError that names the file."""
        try:
            yield
        except Exception as error:
            # Every filesystem has exceptions of its own; none of them is a bug of ours.
            raise SourceError(
                f"{self.url}/{name}: {type(error).__name__}: {str(error)[:300]}"
            ) from error


def open_storage(url: str) -> Storage:
    """A folder, bucket or server. Raises ToolError where its package is not installed."""
    import fsspec

    # Folders are made where they are missing; buckets, which cost money, are not.
    options = {"auto_mkdir": True} if url.startswith("file:") else {}
    try:
        fs, root = fsspec.url_to_fs(url, **options)
    except ImportError as error:
        raise ToolError(f"{url}: {error}", hint="pip install 'convert-vision[publish]'") from error
    except Exception as error:  # filesystems and URLs raise what they like
        raise SourceError(f"{url}: {type(error).__name__}: {error}") from error
    return Storage(url=url, fs=fs, root=root)
