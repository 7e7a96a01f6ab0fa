"""Which picture files can be read, and what is said of the others."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.errors import SourceError
from convert.pictures.read import read_indices, read_picture

RNG = np.random.default_rng(2)
RGB = np.stack([*np.meshgrid(np.arange(30), np.arange(20)), np.full((20, 30), 90)], -1)
RGB = (RGB * 2).astype(np.uint8)


def save(path: Path, pixels: np.ndarray, mode: str = "RGB", **options: object) -> Path:
    Image.fromarray(pixels).convert(mode).save(path, **options)
    return path


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1"])
def test_every_png_becomes_rgb(tmp_path: Path, mode: str) -> None:
    found = read_picture(save(tmp_path / "a.png", RGB, mode))
    assert found.shape == (20, 30, 3)
    assert found.dtype == np.uint8


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    found = read_picture(save(tmp_path / "a.jpg", RGB, "CMYK", quality=95))
    assert np.abs(found.astype(int) - RGB).max() < 30


def test_sixteen_bits_become_eight_without_clipping(tmp_path: Path) -> None:
    levels = np.array([[0, 257, 32896, 65535]], np.uint16)
    Image.fromarray(levels).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png")[0, :, 0].tolist() == [0, 1, 128, 255]


def test_pictures_are_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = read_picture(save(tmp_path / "a.png", RGB, exif=exif))
    assert np.array_equal(found, np.rot90(RGB, -1))


def test_palette_indices_are_labels(tmp_path: Path) -> None:
    labels = np.array([[0, 20], [255, 3]], np.uint8)
    mask = Image.fromarray(labels)
    mask.putpalette(RNG.integers(0, 256, 768).astype(np.uint8).tobytes())
    mask.save(tmp_path / "a.png")
    assert np.array_equal(read_indices(tmp_path / "a.png"), labels)


def test_a_coloured_mask_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.png holds RGB"):
        read_indices(save(tmp_path / "a.png", RGB))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_a_file_cut_short_is_named(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, RNG.integers(0, 256, (64, 64, 3)).astype(np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=name) as caught:
        read_picture(path)
    assert caught.value.hint


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_text("<html>404</html>")
    with pytest.raises(SourceError, match=r"a\.jpg is no picture"):
        read_picture(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.jpg does not exist"):
        read_picture(tmp_path / "a.jpg")


@pytest.mark.parametrize("side", [9_440, 60_000])
def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused(tmp_path: Path, side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", bytes(9)))
    with pytest.raises(SourceError, match=r"bomb\.png is too large"):
        read_picture(path)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
