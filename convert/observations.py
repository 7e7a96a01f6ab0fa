"""What was seen on each picture of a split, and the file it is kept in."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Observations:
    """Per picture, in the split's order: the metric's statistic, and agreement with the reference.

    `statistics` is [N, S...] float64 (see `stacked`); `agreed` and `counted` are [N] int64, labels
    equal to the reference's and labels counted.
    """

    statistics: NDArray[np.float64]
    agreed: NDArray[np.int64]
    counted: NDArray[np.int64]

    def first(self, pictures: int) -> "Observations":
        """What was seen on the first pictures alone."""
        return Observations(
            statistics=self.statistics[:pictures],
            agreed=self.agreed[:pictures],
            counted=self.counted[:pictures],
        )

    def save(self, path: Path) -> None:
        """Write as .npz."""
        np.savez_compressed(
            path, statistics=self.statistics, agreed=self.agreed, counted=self.counted
        )

    @staticmethod
    def load(path: Path) -> "Observations":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return Observations(
                statistics=file["statistics"], agreed=file["agreed"], counted=file["counted"]
            )


def stacked(statistics: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The statistics of N pictures as one array [N, S...].

    Where they have different numbers of rows, NaN fills them up to the longest.
    """
    if len({each.shape for each in statistics}) == 1:
        return np.stack(statistics)
    rows = max(map(len, statistics))
    whole = np.full((len(statistics), rows, *statistics[0].shape[1:]), np.nan)
    for place, each in zip(whole, statistics, strict=True):
        place[: len(each)] = each
    return whole


@contextmanager
def label_writer(path: Path) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Keep the reference's labels of each picture as they come, in a .npz."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:

        def write(labels: NDArray[Any]) -> None:
            with archive.open(f"{len(archive.namelist()):06}.npy", "w") as member:
                np.save(member, labels, allow_pickle=False)

        yield write


def load_labels(path: Path) -> Iterator[NDArray[Any]]:
    """The reference's labels of each picture, in order, one at a time."""
    with np.load(path, allow_pickle=False) as file:
        for name in sorted(file.files):
            yield file[name]
