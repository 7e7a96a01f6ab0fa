"""Classified pictures: `labels.csv` with the columns file, class_index and split, and `images/`."""

import csv
from functools import partial
from pathlib import Path

from convert.datasets.base import Picture, PictureFile, Pixels
from convert.datasets.lists import check_files
from convert.errors import SourceError
from convert.recipe import DatasetChoice

FOLDER_NEEDED = True

_COLUMNS = ("file", "class_index", "split")
_LAYOUT = "The folder holds images/ and labels.csv with the columns file,class_index,split."


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """The rows of a split; `choice.label_offset` is added to their class index."""
    table = root / "labels.csv"
    rows = _read_rows(table)
    chosen = [(number, row) for number, row in rows if row["split"] == split]
    if not chosen:
        names = ", ".join(sorted({row["split"] for _, row in rows})) or "none"
        raise SourceError(f"{table} has no rows of split {split!r}", hint=f"It has: {names}.")
    pictures = tuple(
        _picture(root / "images" / row["file"], _class_index(table, number, row), choice)
        for number, row in chosen
    )
    check_files((picture.path for picture in pictures), split)
    return pictures


def _read_rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    """The table's rows, each with its line number."""
    if not table.is_file():
        raise SourceError(f"{table} does not exist", hint=_LAYOUT)
    with table.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file, restval="")
        missing = set(_COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise SourceError(f"{table} lacks the column {min(missing)!r}", hint=_LAYOUT)
        return [(reader.line_num, row) for row in reader]


def _class_index(table: Path, number: int, row: dict[str, str]) -> int:
    if not row["class_index"].isascii() or not row["class_index"].isdigit():
        raise SourceError(
            f"{table}, line {number}: class_index is {row['class_index']!r}, not a whole number",
            hint="Class indices count from 0; the recipe's label_offset shifts them.",
        )
    return int(row["class_index"])


def _picture(path: Path, class_index: int, choice: DatasetChoice) -> PictureFile:
    label = class_index + choice.label_offset
    return PictureFile(
        path=path, read_truth=partial(_label, label), truth_digest=partial(str, label)
    )


def _label(label: int, image: Pixels) -> int:
    return label
