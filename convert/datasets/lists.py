"""Split lists, and the picture files that they name."""

from collections.abc import Iterable
from pathlib import Path

from convert.errors import SourceError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
"""Pictures, in lower case; in a file's name any case does."""


def read_list(path: Path) -> tuple[str, ...]:
    """The names of a split, one on a line, each once; a picture's suffix may stand behind them.

    Raises SourceError where the list is missing or empty, naming the lists beside it.
    """
    if not path.is_file():
        beside = ", ".join(sorted(other.stem for other in path.parent.glob("*.txt"))) or "none"
        raise SourceError(
            f"the split list {path} does not exist",
            hint=f"Lists there: {beside}. Write it (one name on a line), or name another in "
            "the recipe's [dataset].",
        )
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    names = tuple(dict.fromkeys(_bare(line.strip()) for line in lines if line.strip()))
    if not names:
        raise SourceError(f"the split list {path} is empty", hint="Write one name on a line.")
    return names


def check_files(paths: Iterable[Path], split: str) -> None:
    """Raise SourceError naming the first of the files that is missing, and how many are."""
    missing = [path for path in paths if not path.is_file()]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise SourceError(
            f"split {split!r} names a file that does not exist: {missing[0]}{more}",
            hint="Bring the file, or take its name out of the split's list.",
        )


def pictures_by_stem(folder: Path) -> dict[str, Path]:
    """The picture files of a folder by their name without suffix, sorted.

    Raises SourceError where two have the same.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in found:
            raise SourceError(
                f"{found[path.stem]} and {path} have the same name but for their suffix",
                hint="A name stands for one picture: take one of them out.",
            )
        found[path.stem] = path
    return found


def _bare(name: str) -> str:
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name
