"""Read picture and mask files, whatever way they keep their pixels."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from convert.errors import SourceError

Pixels = NDArray[np.uint8]

MOST_PIXELS = 89_000_000
"""A file that unfolds to more is refused: 267 MB as RGB, and just below Pillow's own alarm."""

_FORMATS = ("JPEG", "PNG", "WEBP")
"""Pillow opens many more, some through outside programs."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""What Pillow raises on files that are cut short or altered."""


def read_picture(path: Path) -> Pixels:
    """An upright RGB picture, uint8 [H, W, 3]; transparency is dropped, 16 bits become 8.

    Raises SourceError where the file is missing, broken, no picture or too large.
    """
    with _opened(path) as picture:
        return np.asarray(_to_rgb(ImageOps.exif_transpose(picture)))


def read_thumbnail(path: Path, side: int) -> Pixels:
    """A picture shrunk to uint8 [side, side, 3], read to its end but no finer than it takes.

    Raises SourceError as `read_picture` does.
    """
    with _opened(path) as picture:
        # JPEG files can be decoded at an eighth of their size, in a tenth of the time.
        picture.draft("RGB", (4 * side, 4 * side))
        upright = _to_rgb(ImageOps.exif_transpose(picture))
        return np.asarray(upright.resize((side, side), Image.Resampling.BOX))


def read_indices(path: Path) -> Pixels:
    """The palette indices or grey levels of a label map, uint8 [H, W].

    Raises SourceError as `read_picture` does, and where the file holds colours instead.
    """
    with _opened(path) as picture:
        if picture.mode not in ("P", "L"):
            raise SourceError(
                f"{path} holds {picture.mode} pixels, not one label per pixel",
                hint="Label maps are palette or 8-bit grey PNGs, as PASCAL VOC keeps them.",
            )
        return np.asarray(picture)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An opened file; what goes wrong while it is open or decoded is a SourceError."""
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            _check_bounds(path, picture)
            yield picture
    except FileNotFoundError as error:
        raise SourceError(f"{path} does not exist") from error
    except Image.DecompressionBombError as error:
        raise _too_large(path, str(error)) from error
    except UnidentifiedImageError as error:
        raise SourceError(
            f"{path} is no picture that can be read", hint="Bring it again, or take it out."
        ) from error
    except _BROKEN as error:
        raise SourceError(
            f"{path} is broken: {error}", hint="Bring it again, or take it out of its split."
        ) from error


def _check_bounds(path: Path, picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(path, f"{picture.width}x{picture.height} pixels")


def _too_large(path: Path, found: str) -> SourceError:
    return SourceError(
        f"{path} is too large: {found}; the most is {MOST_PIXELS}",
        hint="Shrink it, or take it out of its split.",
    )


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Pillow would clip 16-bit grey at 255.
        levels = np.clip(np.asarray(picture, np.int64), 0, 0xFFFF) / 257
        picture = Image.fromarray(np.rint(levels).astype(np.uint8))
    if "transparency" in picture.info:
        picture = picture.convert("RGBA")
    return picture.convert("RGB")
