"""Take bundles to a place as one version: uploaded, checked there, and only then in the index."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from convert.bundle import layout
from convert.bundle.bring import bring
from convert.bundle.index import NAME as INDEX
from convert.bundle.index import Index, Published, index_text, latest, published, read_index
from convert.errors import SourceError, UsageError
from convert.places.base import Place
from convert.progress import Progress

Check = Callable[[Path], tuple[str, ...]]
"""What is wrong with a bundle's folder; empty where nothing is."""


def release(
    bundles: Mapping[str, Path],
    place: Place,
    *,
    name: str,
    version: str,
    check: Check,
    progress: Progress,
) -> bool:
    """Publish bundles (variant -> folder) as `<name>/<version>`; False where just these are there.

    Versions never change. The upload is brought back and checked before the index names it and
    makes it the latest, if its number is the highest: one that is broken off or damaged shows
    nothing. Raises UsageError where the version is there with other bytes, SourceError where the
    place fails.
    """
    wanted = {variant: published(folder) for variant, folder in bundles.items()}
    index = read_index(place, f"{name}/")
    if index and version in index.versions:
        _require_same(index.versions[version], wanted, f"{name} {version} at {place.url}")
        return False
    base, why = f"{name}/{version}", f"{name} {version}"
    progress.stage("", "upload")
    place.clear(base, f"Remove what is left of {why}")
    place.put(_uploads(bundles, base), f"Add {why}")
    progress.stage("", "check what was uploaded")
    for variant, there in wanted.items():
        _require_arrived(place, f"{base}/{variant}/", there, check)
    place.write(f"{name}/{INDEX}", index_text(_with(place, name, version, wanted)), f"Show {why}")
    return True


def _uploads(bundles: Mapping[str, Path], base: str) -> dict[str, Path]:
    """Name at the place -> file; each bundle's checksums after all that they name."""
    found = {
        f"{base}/{variant}/{file.relative_to(folder).as_posix()}": file
        for variant, folder in bundles.items()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    return dict(sorted(found.items(), key=lambda item: item[1].name == layout.SUMS))


def _require_same(
    there: Mapping[str, Published], wanted: Mapping[str, Published], where: str
) -> None:
    old, new = ({v: one.promised for v, one in each.items()} for each in (there, wanted))
    different = sorted(variant for variant in {*old, *new} if old.get(variant) != new.get(variant))
    if different:
        raise UsageError(
            f"{where} is there with other bytes: {', '.join(different)}",
            hint="A version never changes: give a new one with --version.",
        )


def _require_arrived(place: Place, prefix: str, wanted: Published, check: Check) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bring(place, prefix, folder)
        problems = check(folder)
        if problems or published(folder) != wanted:
            lines = problems or (f"{layout.SUMS}: not the one that was uploaded",)
            raise SourceError(
                "\n  ".join([f"{place.url}/{prefix} did not arrive as it was sent:", *lines]),
                hint="The index does not name it. The same command tries again.",
            )


def _with(place: Place, name: str, version: str, wanted: dict[str, Published]) -> Index:
    """The index as it is by now, with one more version."""
    index = read_index(place, f"{name}/")
    versions = dict(index.versions) if index else {}
    if version in versions:
        _require_same(versions[version], wanted, f"{name} {version} at {place.url}")
    versions[version] = wanted
    return Index(name=name, latest=latest(versions), versions=versions)
