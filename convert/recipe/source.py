"""Where a model comes from: its files, their digests, and the license of the weights."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Self
from urllib.parse import quote, urljoin

from pydantic import Field, StringConstraints, model_validator

from convert.vocabulary import (
    Record,
    SourceFormat,
)

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Sha384 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{96}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]


class License(Record):
    """The license of the weights, and what says so.

    `restricted` licenses are refused until they are accepted by `id`; `dated` (YYYY-MM-DD) is
    the day of the evidence, `instead` names what to use where the license does not suit.
    """

    id: str = Field(min_length=1)
    evidence: str = Field(min_length=1)
    dated: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    restricted: bool = False
    instead: str | None = None


class Companion(Record):
    """One more file of a model that is several: a shard, or a file of weights.

    `name` is its path from the folder of the model's first file, on disk and in URLs.
    """

    name: str = Field(min_length=1)
    sha256: Sha256
    bytes: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if PurePosixPath(self.name).is_absolute() or ".." in PurePosixPath(self.name).parts:
            raise ValueError(f"{self.name!r} leads outside")
        return self


class Source(Record):
    """Where the model file comes from; its digest is checked before anything is opened.

    `urls` are tried in order. Instead of them, `bundled` is a file that ships with convert,
    relative to `models/raw/<recipe>/`, and `path` is a file of one's own, absolute or relative to
    the recipe's file. `member` is the wanted file inside an archive.
    The digest and `bytes` are those of the downloaded (or bundled, or own) file. `files` are the
    others of a model that is several; they come from where the first one comes from.
    """

    format: SourceFormat
    urls: tuple[Url, ...] = ()
    bundled: str | None = None
    path: str | None = Field(default=None, min_length=1)
    sha256: Sha256 | None = None
    sha384: Sha384 | None = None
    bytes: int | None = Field(default=None, gt=0)
    member: str | None = None
    member_sha256: Sha256 | None = None
    files: tuple[Companion, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.sha256 and not self.sha384:
            raise ValueError("a digest is missing: give sha256 or sha384")
        if [bool(self.urls), bool(self.bundled), bool(self.path)].count(True) != 1:
            raise ValueError("give one of urls, bundled and path")
        if self.member and not self.urls:
            raise ValueError("member is of an archive that urls lead to, not of one file")
        if self.member_sha256 and not self.member:
            raise ValueError("member_sha256 is given, but no member")
        if self.member and self.files:
            raise ValueError("files lie beside a file, not beside an archive's member")
        for path in filter(None, (self.bundled, self.member)):
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise ValueError(f"{path!r} leads outside")
        return self

    @property
    def whole_bytes(self) -> int | None:
        """Of all its files together; None where the first one's are not known."""
        return self.bytes and self.bytes + sum(one.bytes or 0 for one in self.files)

    def beside(self, companion: Companion) -> "Source":
        """The source of another of its files: in the same place, by its own name and digest."""
        name = companion.name
        return Source(
            format=self.format,
            urls=tuple(urljoin(url, quote(name)) for url in self.urls),
            bundled=self.bundled and str(PurePosixPath(self.bundled).parent / name),
            path=self.path and str(Path(self.path).parent / name),
            sha256=companion.sha256,
            bytes=companion.bytes,
        )
