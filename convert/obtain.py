"""A recipe's download, from the first place that gives the right bytes."""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from convert.errors import SourceError
from convert.fetch import Patience, fetch
from convert.mirror import Place, mirror_path, mirrored, printable
from convert.progress import Progress
from convert.provenance import difference, require_download
from convert.recipe import Recipe, Source
from convert.store import replacing, require_space, settle

_PIECE = 2**20

Requirement = Callable[[Path, Source, str], None]
"""Raises SourceError unless a file, brought from an origin, is what a source says."""


def obtain(
    recipe: Recipe, into: Path, *, mirror: str | None, progress: Progress, patience: Patience
) -> str:
    """Bring the download to `into`, read-only; returns the place that gave it.

    The mirror's copy of each URL is tried before any URL. Raises UsageError if the mirror is no
    mirror, SourceError if no place gives the right file, with what each said and what to do.
    """
    failures: list[str] = []
    for place in _places(recipe.source, mirror):
        try:
            _bring(place, recipe.source, into, progress, patience)
        except (SourceError, OSError) as error:
            failures.append(str(error))
            continue
        for failure in failures:
            progress.say(failure)
        return printable(place)
    if into.exists():
        failures.append(f"{into}: {difference(into, recipe.source)}")
    raise SourceError(
        "\n  ".join([f"{recipe.name}: no place gave {into.name}", *failures]),
        hint=_three_ways(recipe, into, mirror),
    )


def copy_in(
    file: Path, source: Source, into: Path, *, require: Requirement, progress: Progress
) -> None:
    """Copy a file of this machine to `into`, read-only, if the copy meets the requirement."""
    if not file.is_file():
        raise SourceError(f"{file}: no such file")
    size = file.stat().st_size
    require_space(into.parent, size)
    with (
        file.open("rb") as content,
        replacing(into, read_only=True) as copy,
        progress.count(into.name, size, "B") as tick,
    ):
        while piece := content.read(_PIECE):
            tick(copy.write(piece))
        copy.flush()
        require(Path(copy.name), source, str(file))


def _places(source: Source, mirror: str | None) -> Iterator[Place]:
    if mirror:
        yield from (mirrored(mirror, url) for url in source.urls)
    yield from source.urls


def _bring(
    place: Place, source: Source, into: Path, progress: Progress, patience: Patience
) -> None:
    part = into.with_name(f"{into.name}.part")
    if isinstance(place, Path):
        copy_in(place, source, into, require=require_download, progress=progress)
        part.unlink(missing_ok=True)
        return
    begun = part.exists()
    fetch(place, part, size=source.bytes, progress=progress, patience=patience)
    if begun and difference(part, source):
        # What was there before may have been of another file.
        part.unlink()
        fetch(place, part, size=source.bytes, progress=progress, patience=patience)
    try:
        require_download(part, source, printable(place))
    except SourceError:
        part.unlink()
        raise
    settle(part, into, read_only=True)


def _three_ways(recipe: Recipe, into: Path, mirror: str | None) -> str:
    """How a user without a network provides the file."""
    given = Path(mirror).expanduser() if mirror else None
    folder = str(given.resolve()) if given and given.is_dir() else "MIRROR"
    copy, folder = f"{folder}/{mirror_path(recipe.source.urls[0])}", shlex.quote(folder)
    return (
        f"Provide {into.name} in one of three ways:\n"
        f"  in a mirror: save it as {shlex.quote(copy)}, then set CONVERT_MIRROR={folder} "
        f"or call `convert pull {recipe.name} --mirror {folder}`\n"
        f"  from any FILE: `convert pull {recipe.name} --from FILE`\n"
        f"  in place: save it as {shlex.quote(str(into.absolute()))}"
    )
