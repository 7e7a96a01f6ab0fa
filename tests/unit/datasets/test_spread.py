"""Any folder of pictures calibrates, by a few that differ from each other."""

import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets.anywhere import pictures_below
from convert.datasets.base import Pixels, Sample
from convert.datasets.shapes import drawn
from convert.datasets.spread import spread
from convert.errors import SourceError, UsageError


def save(path: Path, colour: str, size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def names(folder: Path, count: int) -> list[str]:
    return [picture.name for picture in spread(pictures_below(folder), count).pictures]


def test_pictures_are_found_however_deep_and_hidden_ones_are_not(tmp_path: Path) -> None:
    save(tmp_path / "b.JPG", "red")
    save(tmp_path / "deep/er/a.png", "blue")
    save(tmp_path / ".thumbnails/c.png", "green")
    save(tmp_path / ".d.png", "green")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "deep/loop").symlink_to(tmp_path)
    assert names(tmp_path, 9) == ["b", "a"]


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_pictures_is_named(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "empty"
    if made:
        folder.mkdir()
    with pytest.raises(UsageError, match="empty") as caught:
        pictures_below(folder)
    assert caught.value.hint


def test_broken_pictures_are_named_and_left_out(tmp_path: Path) -> None:
    good = save(tmp_path / "good.jpg", "red", (400, 300))
    (tmp_path / "cut.jpg").write_bytes(good.read_bytes()[:300])
    (tmp_path / "text.png").write_text("no picture")
    found = spread(pictures_below(tmp_path), 9)
    assert [picture.name for picture in found.pictures] == ["good"]
    assert len(found.unreadable) == 2
    assert "cut.jpg" in found.unreadable[0]
    assert "text.png" in found.unreadable[1]


def test_a_folder_of_nothing_but_broken_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(SourceError, match=r"text\.png"):
        spread(pictures_below(tmp_path), 9)


def test_each_kind_of_picture_is_chosen_before_a_second_of_one_kind(tmp_path: Path) -> None:
    for colour in ("red", "green", "blue", "white"):
        for number in range(1 if colour == "blue" else 5):
            save(tmp_path / f"{colour}{number}.png", colour, (30 + number, 30))
    kinds = [name.rstrip("01234") for name in names(tmp_path, 4)]
    assert sorted(kinds) == ["blue", "green", "red", "white"]
    assert names(tmp_path, 4) == names(tmp_path, 4)


def test_drawn_pictures_have_the_size_that_was_asked_for() -> None:
    (one,) = drawn(range(3_000_000, 3_000_001), (30, 50))
    assert one.read().image.shape == (30, 50, 3)
    assert one.glance(8).shape == (8, 8, 3)
    assert one.digest() != drawn(range(3_000_000, 3_000_001), (50, 30))[0].digest()


@dataclass
class Counted:
    """A picture that takes a megabyte and knows how often it was looked at."""

    seed: int
    looks: list[int] = field(default_factory=list)
    name = "counted"

    def glance(self, side: int) -> Pixels:
        self.looks.append(self.seed)
        whole = np.full((600, 600, 3), self.seed % 256, np.uint8)
        return whole[:side, :side].copy()

    def read(self) -> Sample:
        raise AssertionError("a thumbnail is enough")

    def digest(self) -> str:
        return str(self.seed)

    truth_digest = digest


def test_memory_and_time_do_not_grow_with_the_number_of_pictures() -> None:
    peaks, looks = [], []
    for count in (2_000, 20_000):
        seen: list[int] = []
        many = [Counted(seed, seen) for seed in range(count)]
        tracemalloc.start()
        assert len(spread(many, 50).pictures) == 50
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        looks.append(len(seen))
    assert looks == [1000, 1000]
    assert peaks[1] < 1.2 * peaks[0]
    assert max(peaks) < 16e6
