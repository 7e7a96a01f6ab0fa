"""Pictures of any folder, however deep, without truth: enough to calibrate on."""

import os
from collections.abc import Iterator
from pathlib import Path

from convert.datasets.base import PictureFile
from convert.datasets.lists import SUFFIXES
from convert.datasets.truth import unknown
from convert.errors import UsageError


def pictures_below(folder: Path) -> tuple[PictureFile, ...]:
    """The picture files of a folder and of all folders in it, by path; hidden ones are left out.

    Their truth is void all over. Raises UsageError where there is no such folder or no picture.
    """
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is no folder of pictures",
            hint="Give any folder that holds jpg, png or webp files, or `none` for no pictures.",
        )
    found = sorted(_files(folder))
    if not found:
        raise UsageError(
            f"{folder} holds no pictures, nor does any folder in it",
            hint=f"Files that end with {', '.join(SUFFIXES)} are looked for.",
        )
    return tuple(unknown(path) for path in found)


def _files(folder: Path) -> Iterator[Path]:
    # Links to folders are not followed: they may lead in circles.
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield Path(place) / name
