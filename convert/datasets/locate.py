"""Find the folder that a dataset lies in."""

from pathlib import Path

from convert.errors import UsageError


def locate(
    folder: str,
    *,
    explicit: Path | None = None,
    datasets: Path | None = None,
    mirror: str | None = None,
    working: Path | None = None,
) -> Path:
    """Where the dataset `folder` (such as `VOC2012`) lies.

    `explicit` (`--dataset`: the dataset itself, or a folder that holds it) decides where it is
    given. Else `datasets` (CONVERT_DATASETS), `data/` below `working` (default: the working
    folder) and `data/` beside the folder `mirror` are looked through, in this order. Raises
    UsageError that names every place looked at.
    """
    if explicit is not None:
        places = [explicit / folder, explicit]
    else:
        parents = [datasets, (working or Path()) / "data", _beside(mirror)]
        places = [parent / folder for parent in parents if parent is not None]
    for place in places:
        if place.is_dir():
            return place
    raise UsageError(
        f"the dataset {folder} was not found; looked at {', '.join(map(str, places))}",
        hint="Name its folder with --dataset DIR, or set CONVERT_DATASETS to one that holds it.",
    )


def _beside(mirror: str | None) -> Path | None:
    """`data/` beside a mirror that is a folder; None for a URL."""
    return Path(mirror).parent / "data" if mirror and "://" not in mirror else None
