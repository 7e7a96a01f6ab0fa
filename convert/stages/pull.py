"""Bring a recipe's file: from this machine, a mirror or the network, and only if it is the one."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from convert.archive import extract_member
from convert.bundled import find_bundled
from convert.errors import SourceError, UsageError
from convert.fetch import PATIENCE, Patience
from convert.licensing import require_accepted
from convert.mirror import file_name
from convert.obtain import copy_in, obtain
from convert.progress import Progress, Silence
from convert.provenance import (
    difference,
    is_wanted,
    recall,
    remember,
    require_download,
    require_member,
)
from convert.recipe import Companion, License, Recipe, Source
from convert.store import digest_file, digest_of, locked, replacing


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """A recipe's file, checked: the download itself, or the archive's member.

    Of a model that is several files, `path` is the first, `sha256` and `bytes` are of them all.
    """

    path: Path
    sha256: str
    bytes: int
    license: License
    origin: str
    """The URL or path that it came from."""


def pull(
    recipe: Recipe,
    *,
    raw: Path,
    mirror: str | None = None,
    from_file: Path | None = None,
    accepted: Collection[str] = (),
    progress: Progress,
    patience: Patience = PATIENCE,
) -> Pulled:
    """Bring the recipe's file to `raw/<recipe>/<file name>`, read-only, unless it is there.

    Tried in order: the file that is there, `from_file` alone if it is given, the mirror's copy of
    each URL, each URL. An archive is removed once its member is out; the record beside the member
    says which archive it was. Raises UsageError for a restricted license that is not among
    `accepted` (before anything else), SourceError if no place gives a file with the right digest.
    """
    require_accepted(recipe.license, accepted, recipe.folder)
    errand = _Errand(
        recipe=recipe,
        folder=raw / recipe.folder,
        mirror=mirror,
        progress=progress,
        patience=patience,
    )
    try:
        path = errand.run(from_file)
        for companion in recipe.source.files:
            errand.beside(companion).run(from_file and from_file.parent / companion.name)
    except OSError as error:
        hint = f"Its files belong in {errand.folder.absolute()}; CONVERT_HOME moves models/."
        raise SourceError(f"{recipe.name}: {error}", hint=hint) from error
    record = recall(path)
    whole = [path, *(path.parent / companion.name for companion in recipe.source.files)]
    return Pulled(
        path=path,
        sha256=_digest(recipe, path),
        bytes=sum(file.stat().st_size for file in whole),
        license=recipe.license,
        origin=record.origin if record else str(path),
    )


def pulled(recipe: Recipe, raw: Path) -> Path | None:
    """The recipe's file if it is here and is the one, without bringing anything."""
    errand = _Errand(
        recipe=recipe,
        folder=raw / recipe.folder,
        mirror=None,
        progress=Silence(),
        patience=PATIENCE,
    )
    try:
        path = find_bundled(recipe, errand.folder) if recipe.source.bundled else errand.target
    except SourceError:
        return None
    source = recipe.source
    files = [(path, source), *((path.parent / c.name, source.beside(c)) for c in source.files)]
    return path if all(is_wanted(*file) for file in files) else None


def _digest(recipe: Recipe, path: Path) -> str:
    """A file's digest; of several files, that of their digests and names, as of a folder."""
    if not recipe.source.files:
        return digest_file(path)
    named = {companion.name: companion.sha256 for companion in recipe.source.files}
    return digest_of({path.name: digest_file(path), **named})


@dataclass(frozen=True, kw_only=True)
class _Errand:
    """One recipe's file on its way into its folder."""

    recipe: Recipe
    folder: Path
    mirror: str | None
    progress: Progress
    patience: Patience

    @property
    def source(self) -> Source:
        return self.recipe.source

    def beside(self, companion: Companion) -> "_Errand":
        """The errand for another of the model's files."""
        source = self.source.beside(companion)
        recipe = self.recipe.model_copy(update={"source": source})
        folder = (self.folder / companion.name).parent
        return replace(self, recipe=recipe, folder=folder)

    @property
    def download(self) -> Path:
        """Where what the URLs give lands: the file itself, or the archive."""
        own = self.source.bundled or (self.source.path and Path(self.source.path).name)
        name = own or file_name(self.source.urls[0])
        is_member = self.source.member and PurePosixPath(self.source.member).name == name
        return self.folder / (f"{name}.archive" if is_member else name)

    @property
    def target(self) -> Path:
        """Where the wanted file lands."""
        member = self.source.member
        return self.folder / PurePosixPath(member).name if member else self.download

    def run(self, given: Path | None) -> Path:
        """The wanted file: the one that is there, or else the one that is brought now."""
        if self.source.bundled and given is None:
            return find_bundled(self.recipe, self.folder)
        if not is_wanted(self.target, self.source):
            with locked(self.target, waiting=self._say_waiting):
                if not is_wanted(self.target, self.source):
                    self._bring(given)
        return self.target

    def _say_waiting(self) -> None:
        self.progress.say(f"{self.recipe.name}: another run is pulling it; waiting")

    def _bring(self, given: Path | None) -> None:
        """Put the wanted file and its record in place, from `given` or from where it can be had."""
        if given is not None:
            self._take(given, f"--from {given}")
        elif self.source.path:
            self._take(Path(self.source.path), f"source.path {self.source.path}")
        elif self.source.member is None:
            self._record(download=self.target, origin=self._obtain())
        else:
            there = difference(self.download, self.source) is None
            self._unpack(self.download, str(self.download) if there else self._obtain())
            self.download.unlink()
        self.progress.say(f"{self.recipe.name}: pulled {self.target}")

    def _take(self, given: Path, named: str) -> None:
        """Take the file that the user gives: the download, or the archive's member itself."""
        if not given.is_file():
            raise UsageError(f"{named}: no such file")
        why = difference(given, self.source)
        if why is None and self.source.member:
            self._unpack(given, str(given))
            return
        if why and not self.source.member_sha256:
            raise SourceError(f"{named}: not the recipe's file: {why}", hint=self._only())
        require = require_member if why else require_download
        copy_in(given, self.source, self.target, require=require, progress=self.progress)
        self._record(download=None if why else self.target, origin=str(given))

    def _only(self) -> str | None:
        if self.source.member is None:
            return None
        return (
            f"{self.recipe.name} gives no digest of {self.source.member}, so only the archive "
            f"{self.download.name} that holds it can be checked and taken."
        )

    def _unpack(self, archive: Path, origin: str) -> None:
        """Put the archive's member and its record in place; the archive's digest is right."""
        with replacing(self.target, read_only=True) as out:
            extract_member(archive, str(self.source.member), out)
            out.flush()
            require_member(Path(out.name), self.source, origin)
        self._record(download=archive, origin=origin)

    def _record(self, *, download: Path | None, origin: str) -> None:
        license = self.recipe.license
        remember(self.target, self.source, download=download, origin=origin, license=license)

    def _obtain(self) -> str:
        """Bring the download from a mirror or the network; returns the place that gave it."""
        return obtain(
            self.recipe,
            self.download,
            mirror=self.mirror,
            progress=self.progress,
            patience=self.patience,
        )
