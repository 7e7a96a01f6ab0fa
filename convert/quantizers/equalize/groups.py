"""Sets of numbered elements that are joined one by one."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


class Groups:
    """Disjoint sets of the elements 0 .. n - 1, as many as were asked for."""

    def __init__(self) -> None:
        self._parent: list[int] = []

    def new(self, count: int) -> Ids:
        """So many elements, each by itself."""
        start = len(self._parent)
        self._parent.extend(range(start, start + count))
        return np.arange(start, start + count)

    def find(self, element: int) -> int:
        """The element that stands for the whole set."""
        root = element
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[element] != root:
            self._parent[element], element = root, self._parent[element]
        return root

    def join(self, first: Iterable[int], second: Iterable[int]) -> None:
        """Join the sets of two rows of elements, pair by pair."""
        for one, other in zip(first, second, strict=True):
            self._parent[self.find(int(one))] = self.find(int(other))

    def join_all(self, elements: Iterable[int]) -> None:
        """Join the sets of all elements of a row."""
        row = [int(e) for e in elements]
        self.join(row[1:], row[:-1])

    def numbered(self) -> Ids:
        """Element -> the number of its set, counted from zero."""
        roots = np.array([self.find(e) for e in range(len(self._parent))], np.int64)
        return np.asarray(np.unique(roots, return_inverse=True)[1], np.int64).reshape(-1)
