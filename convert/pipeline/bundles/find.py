"""The bundles in a folder or at a URL, and what an index there says of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from convert.bundle import layout
from convert.bundle.bring import bring
from convert.bundle.index import Published, read_index
from convert.errors import SourceError, UsageError
from convert.manifest import NAME as MANIFEST
from convert.places import open_place
from convert.places.base import Place
from convert.progress import Progress

_EASIEST = ("tflite-float32", "onnx-float32", "tfjs-float32")
"""What is taken over of a version, in this order: nothing is lost in them."""


@dataclass(frozen=True, kw_only=True)
class At:
    """A bundle at a place, and what the index there says of it."""

    place: Place
    prefix: str
    variant: str
    wanted: Published | None = None


def folders(
    where: str, scratch: Path, progress: Progress
) -> Iterator[tuple[Path, str, Published | None]]:
    """Folders, brought here where they are not, with a label and what an index says of each."""
    path = Path(where)
    if "://" not in where and not path.is_dir():
        raise UsageError(f"{where}: no such folder", hint="Give a published folder, or a URL.")
    if "://" not in where and not (path / "index.json").is_file():
        variants = sorted(found.parent for found in path.glob(f"*/{MANIFEST}"))
        itself = (path / layout.SUMS).exists() or (path / MANIFEST).exists() or not variants
        for folder in [path] if itself else variants:
            yield folder, str(folder), None
        return
    url = where if "://" in where else path.resolve().as_uri()
    for at in bundles_at(url):
        progress.stage("", f"bring {at.variant}")
        bring(at.place, at.prefix, scratch / at.variant)
        yield scratch / at.variant, f"{at.place.url}/{at.prefix}".rstrip("/"), at.wanted


def bundles_at(url: str) -> list[At]:
    """The bundle at a URL, those of the version there, or those of the latest version there."""
    place, last = open_place(url), url.rstrip("/").rpartition("/")[2]
    if place.read(layout.SUMS) is not None:
        return [At(place=place, prefix="", variant=last)]
    index = read_index(place, "")
    if index:
        return _version(place, index.versions[index.latest], f"{index.latest}/")
    above = url.rstrip("/").rpartition("/")[0]
    index = read_index(open_place(above), "") if above.rpartition("/")[2] else None
    if index and last in index.versions:
        return _version(place, index.versions[last], "")
    raise SourceError(
        f"{url}: no bundle, and no index that shows one",
        hint="Give what was published: URL/NAME, URL/NAME/VERSION or one variant of it.",
    )


def _version(place: Place, there: Mapping[str, Published], base: str) -> list[At]:
    return [
        At(place=place, prefix=f"{base}{variant}/", variant=variant, wanted=wanted)
        for variant, wanted in there.items()
    ]


def easiest(there: list[At]) -> At:
    """One of several: the easiest to go on from."""
    by_name = {at.variant: at for at in there}
    found = next((by_name[name] for name in _EASIEST if name in by_name), None)
    return found or there[0]


def beside(url: str) -> list[str]:
    """What else is published of the version that a variant is of, the easiest first."""
    above, _, variant = url.rstrip("/").rpartition("/")
    name, _, version = above.rpartition("/")
    index = read_index(open_place(name), "") if name.rpartition("/")[2] else None
    there = index.versions.get(version, {}) if index else {}
    first = {easy: place for place, easy in enumerate(_EASIEST)}
    return sorted(there.keys() - {variant}, key=lambda one: (first.get(one, len(first)), one))
