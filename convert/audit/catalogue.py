"""Everything that is published, as one page to search: what `convert serve` shows."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from convert.audit.templates import template
from convert.audit.words import title_of
from convert.bundle.layout import TIMINGS
from convert.bundle.timings import read_timings
from convert.manifest import NAME, Manifest
from convert.metrics import METRICS
from convert.store import write_text
from convert.vocabulary import Record


class Entry(Record):
    """One published variant, as the page lists it."""

    recipe: str
    title: str
    task: str
    license: str
    restricted: bool
    variant: str
    target: str
    scheme: str
    bytes: int
    brotli: int
    figure: str
    value: float
    drop: float | None
    runtimes: dict[str, float]
    """Runtime -> its fastest run in ms, with the fewest threads timed."""
    right_on: tuple[str, ...]
    """The runtimes that it was verified on and is right."""
    folder: str
    """Relative to the page."""


def catalogue(out: Path) -> str:
    """The page over every published folder `<recipe>/<variant>` below `out`, an empty one if none.

    Links are relative to `out`: it works as a file that lies there, and from a server whose root it
    is. A folder whose manifest cannot be read is left out, and the page says so.
    """
    found, broken = [], []
    for path in sorted(out.glob(f"*/*/{NAME}")):
        try:
            found.append(_entry(path.parent, out))
        except (ValidationError, OSError):
            broken.append(path.relative_to(out).as_posix())
    data = json.dumps([entry.model_dump() for entry in found], ensure_ascii=False)
    # The page holds it in a script element, which "</" would end.
    safe = data.replace("<", "\\u003c")
    return str(template("catalogue.html.j2").render(data=safe, count=len(found), broken=broken))


def write_catalogue(out: Path) -> Path:
    """Keep the page beside what it lists, as `catalogue.html`."""
    path = out / "catalogue.html"
    write_text(path, catalogue(out))
    return path


def _entry(folder: Path, out: Path) -> Entry:
    manifest = Manifest.model_validate_json((folder / NAME).read_bytes())
    recipe, model = manifest.recipe, manifest.artifact
    figure = METRICS[recipe.metric].HEADLINE
    own = manifest.metrics[figure]
    return Entry(
        recipe=recipe.name,
        title=recipe.title,
        task=recipe.task,
        license=manifest.license.id,
        restricted=manifest.license.restricted,
        variant=folder.name,
        target=model.target,
        scheme=model.scheme,
        bytes=model.bytes,
        brotli=model.bytes_brotli,
        figure=title_of(figure),
        value=own.value,
        drop=own.drop,
        runtimes=dict(_times(folder)),
        right_on=tuple(_right_on(manifest)),
        folder=folder.relative_to(out).as_posix(),
    )


def _times(folder: Path) -> Iterator[tuple[str, float]]:
    try:
        latency = read_timings((folder / TIMINGS).read_bytes()).latency
    except OSError:
        return  # handed on without them
    for one in sorted(latency, key=lambda one: -one.threads):
        if not (one.browser and one.browser.correctness_only):
            yield one.runtime, one.min_ms


def _right_on(manifest: Manifest) -> Iterator[str]:
    yield manifest.golden.runtime
    yield from (one.runtime for one in manifest.web if one.passed)
