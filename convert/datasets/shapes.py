"""The drawn scenes as a dataset: no files, the same pictures everywhere."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from convert.datasets.base import Picture, Pixels, Sample
from convert.datasets.scenes import SPLITS, draw_scene
from convert.errors import UsageError
from convert.recipe import DatasetChoice

FOLDER_NEEDED = False

_DRAWN_BY = ("scenes.py", "outlines.py", "textures.py")


@dataclass(frozen=True, kw_only=True)
class DrawnPicture:
    """The scene of a seed, drawn when it is read."""

    seed: int
    size: tuple[int | None, int | None] = (None, None)
    """Height and width; None: drawn too."""

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"scene-{self.seed}"

    def read(self) -> Sample:
        """Draw it."""
        scene = draw_scene(self.seed, *self.size)
        return Sample(name=self.name, image=scene.image, truth=scene.mask)

    def glance(self, side: int) -> Pixels:
        """Draw it, and take every so many pixels."""
        image = self.read().image
        rows, columns = (np.linspace(0, size - 1, side).astype(int) for size in image.shape[:2])
        return np.ascontiguousarray(image[np.ix_(rows, columns)])

    def digest(self) -> str:
        """The SHA-256 of the seed and of the code that draws: quicker than drawing."""
        return hashlib.sha256(
            f"{_drawing_code()} {self.seed}{_told(self.size)}".encode()
        ).hexdigest()

    def truth_digest(self) -> str:
        """The picture's own: both come from one drawing."""
        return self.digest()


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """The scenes of a split; `root` is not looked at."""
    if split not in SPLITS:
        raise UsageError(
            f"the drawn shapes have no split {split!r}", hint=f"They have: {', '.join(SPLITS)}."
        )
    return tuple(DrawnPicture(seed=seed) for seed in SPLITS[split])


def drawn(seeds: Iterable[int], size: tuple[int, int]) -> tuple[DrawnPicture, ...]:
    """Scenes of one size that stand for pictures where there are none."""
    return tuple(DrawnPicture(seed=seed, size=size) for seed in seeds)


def _told(size: tuple[int | None, int | None]) -> str:
    return "" if size == (None, None) else f" {size[0]}x{size[1]}"


@cache
def _drawing_code() -> str:
    """The SHA-256 of the modules that draw."""
    here = resources.files("convert.datasets")
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in _DRAWN_BY)).hexdigest()
