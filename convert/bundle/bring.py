"""Bring a bundle from a place, by what its checksums name."""

from pathlib import Path

from convert.bundle import layout
from convert.bundle.sums import read_sums
from convert.errors import SourceError
from convert.places.base import Place

_BESIDE = (layout.SIGNATURE, layout.PUBLIC_KEY, layout.SIGSTORE, layout.TIMINGS)
"""Files that no checksum names, and that need not be there."""


def bring(place: Place, prefix: str, into: Path) -> None:
    """Write a bundle's files to the folder `into`; whether they are right is for `check` to say.

    `prefix` is empty or ends with a slash. Raises SourceError where a file is missing.
    """
    sums = place.read(f"{prefix}{layout.SUMS}")
    if sums is None:
        raise SourceError(f"{place.url}/{prefix}: no bundle is here: it has no {layout.SUMS}")
    into.mkdir(parents=True, exist_ok=True)
    (into / layout.SUMS).write_bytes(sums)
    for name in read_sums(sums):
        place.fetch(f"{prefix}{name}", into / name)
    for name in _BESIDE:
        content = place.read(f"{prefix}{name}")
        if content is not None:
            (into / name).write_bytes(content)
