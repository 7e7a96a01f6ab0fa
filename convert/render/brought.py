"""What was brought in: a pulled file, a new recipe."""

from pathlib import Path

from convert.render.console import out, print_json
from convert.stages.pull import Pulled
from convert.vocabulary import Record


class _PulledFacts(Record):
    """`convert pull --json`."""

    path: str
    sha256: str
    bytes: int
    license: str
    origin: str


def show_pulled(pulled: Pulled, as_json: bool) -> None:
    """Where the file is, and what it is."""
    if as_json:
        facts = _PulledFacts(
            path=str(pulled.path),
            sha256=pulled.sha256,
            bytes=pulled.bytes,
            license=pulled.license.id,
            origin=pulled.origin,
        )
        print_json(facts)
        return
    out().print(
        f"{pulled.path}\n  {pulled.bytes:,} bytes, sha256 {pulled.sha256}\n"
        f"  license {pulled.license.id}\n  from {pulled.origin}",
        soft_wrap=True,
        markup=False,
    )


def show_written(path: Path, as_json: bool) -> None:
    """Where the new recipe is, and what to do next."""
    if as_json:
        print_json({"recipe": path.stem, "path": str(path)})
        return
    out().print(
        f"{path}\nRead it, fill in the license and the dataset, then: convert run {path}",
        soft_wrap=True,
        markup=False,
    )
