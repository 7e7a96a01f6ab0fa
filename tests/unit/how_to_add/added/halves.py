"""Drawn pictures with a dark left half (label 0) and a bright right half (label 1)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.datasets.base import Picture, Sample
from convert.recipe import DatasetChoice

FOLDER_NEEDED = False


@dataclass(frozen=True, kw_only=True)
class Halves:
    """One picture, by its seed."""

    seed: int

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"halves-{self.seed}"

    def read(self) -> Sample:
        """Draw it."""
        truth = np.repeat(np.arange(16) >= 8, 16).reshape(16, 16).T.astype(np.uint8)
        noise = np.random.default_rng(self.seed).integers(0, 99, (16, 16, 3))
        image = (noise + 150 * truth[..., np.newaxis]).astype(np.uint8)
        return Sample(name=self.name, image=image, truth=truth)

    def digest(self) -> str:
        """By the seed."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def truth_digest(self) -> str:
        """The truth is always the same."""
        return "halves"


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """Eight pictures of each split."""
    first = 0 if split == choice.calibration else 8
    return tuple(Halves(seed=first + turn) for turn in range(8))
