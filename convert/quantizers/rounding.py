"""Round a kernel so that what the layer gives changes least: GPTQ (Frantar et al. 2022)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
_DAMPING = 0.01
"""Of the mean of the Hessian's diagonal, the least that is added to it."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The values that eight bits can hold: (code - zero) * scale, code in low..high."""

    scale: Doubles
    """[G, 1, O], or one number for all."""
    zero: Doubles
    low: int
    high: int

    def codes(self, values: Doubles) -> Doubles:
        """The nearest codes of values [G, D, O]."""
        return np.asarray(np.clip(np.rint(values / self.scale + self.zero), self.low, self.high))

    def values(self, codes: Doubles) -> Doubles:
        """What codes [G, D, O] stand for."""
        return (codes - self.zero) * self.scale

    def of_row(self, row: Doubles) -> Doubles:
        """Values [G, O] rounded to the grid."""
        return self.values(self.codes(row[:, None, :]))[:, 0, :]


def rounded(weights: Doubles, hessian: Doubles, grid: Grid) -> Doubles:
    """Values of `grid` for `weights` [G, D, O], least in error under a damped `hessian` [G, D, D].

    Each row is rounded in turn, and what that costs is made good by the rows that follow; rows
    that matter most come first ("act order").
    """
    order = np.argsort(-np.einsum("gii->gi", hessian), axis=1)
    steps = np.linalg.cholesky(np.linalg.inv(_ordered(hessian, order))).transpose(0, 2, 1)
    left = np.take_along_axis(weights, order[:, :, None], axis=1)
    result = np.empty_like(left)
    for i in range(left.shape[1]):
        result[:, i] = grid.of_row(left[:, i])
        error = (left[:, i] - result[:, i]) / steps[:, i, i, None]
        left[:, i + 1 :] -= steps[:, i, i + 1 :, None] * error[:, None, :]
    places = np.argsort(order, axis=1)
    return np.take_along_axis(result, places[:, :, None], axis=1)


def damped(hessian: Doubles, doubt: float = 0.0) -> Doubles:
    """With some of its mean diagonal added: enough to invert it, and more where it is in doubt."""
    share = max(_DAMPING, doubt)
    amount = np.maximum(np.einsum("gii->gi", hessian).mean(axis=1), 0) * share + 1e-12
    return np.asarray(hessian + amount[:, None, None] * np.eye(hessian.shape[1]))


def cost(error: Doubles, hessian: Doubles) -> Doubles:
    """How much an error [G, D, O] of a kernel changes what the layer gives, squared, [G, 1, O]."""
    return np.asarray(np.einsum("gdo,gdo->go", error, hessian @ error)[:, None, :])


def _ordered(hessian: Doubles, order: NDArray[np.intp]) -> Doubles:
    rows = np.take_along_axis(hessian, order[:, :, None], axis=1)
    return np.take_along_axis(rows, order[:, None, :], axis=2)
