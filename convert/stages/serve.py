"""Serve the apps: pages of ours, the runtimes' packages, and what is published with its kits."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.errors import ConvertError, ToolError
from convert.kits.answers import kind_of
from convert.kits.files import files
from convert.manifest import Manifest
from convert.progress import Progress
from convert.runtimes import BROWSER_RUNTIMES
from convert.store import write_bytes
from convert.web import packages
from convert.web.page import PAGES
from convert.web.server import Server

APPS = PAGES.parent / "apps"
SITE = "convert"
SHELF = "shelf.json"
"""What the apps read of what is published."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """What is being served."""

    address: str
    """Of the page that lists everything."""
    published: tuple[str, ...]
    """`<recipe>/<variant>` of each file."""
    left_out: Mapping[str, str]
    """Of those that no app can use -> why."""
    unreadable: Mapping[str, str]
    """Of folders whose manifest cannot be read -> why."""


@contextmanager
def serving(
    out: Path,
    published: Sequence[tuple[Path, Manifest]],
    unreadable: Mapping[str, str],
    port: int,
    progress: Progress,
) -> Iterator[Served]:
    """Serve on 127.0.0.1 for as long as the block lasts; `unreadable` is only told of.

    Raises UsageError where the port is taken, ToolError where the packages are not installed.
    """
    reason = packages.missing()
    if reason:
        raise ToolError(f"the apps: {reason}")
    with tempfile.TemporaryDirectory(prefix="convert-serve-") as scratch:
        kits = Path(scratch)
        left_out = _fill(kits, published, unreadable, progress)
        roots = {
            "apps": APPS,
            "pages": PAGES,
            "npm": packages.folder(),
            "kits": kits,
            "published": out,
        }
        with Server(port) as server:
            site = server.open(roots, SITE)
            yield Served(
                address=f"{site.address}apps/index.html",
                published=tuple(_place(folder) for folder, _ in published),
                left_out=left_out,
                unreadable=dict(unreadable),
            )


def _fill(
    kits: Path,
    published: Sequence[tuple[Path, Manifest]],
    unreadable: Mapping[str, str],
    progress: Progress,
) -> dict[str, str]:
    """Write each file's kit and what the apps choose from; which have none, and why."""
    shelf, left_out = [], {}
    with progress.count("kits", len(published), "files") as tick:
        for folder, manifest in published:
            place = _place(folder)
            try:
                for name, content in files(folder, manifest).items():
                    write_bytes(kits / place / name, content)
                shelf.append(_entry(place, manifest))
            except ConvertError as error:
                left_out[place] = error.message
            tick()
    told = {
        "files": shelf,
        "left_out": left_out,
        "unreadable": dict(unreadable),
        "runtimes": list(_runtimes()),
    }
    write_bytes(kits / SHELF, json.dumps(told).encode())
    return left_out


def _place(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _entry(place: str, manifest: Manifest) -> dict[str, Any]:
    """What an app chooses a file by; all else stands in its manifest."""
    recipe, artifact = manifest.recipe, manifest.artifact
    return {
        "place": place,
        "name": recipe.name,
        "title": recipe.title,
        "task": recipe.task,
        "target": artifact.target,
        "scheme": artifact.scheme,
        "bytes": artifact.bytes_brotli,
        "answers": kind_of(manifest),
        "labels": recipe.labels,
    }


def _runtimes() -> Iterable[dict[str, Any]]:
    """How each runtime of the browser is opened, and what it needs."""
    for runtime in BROWSER_RUNTIMES.values():
        yield {
            "name": runtime.NAME,
            "target": runtime.TARGET,
            "page": runtime.page,
            "options": dict(runtime.options),
            "needs": runtime.needs(),
            "gpu": runtime.gpu,
            "slow": runtime.slow,
        }
