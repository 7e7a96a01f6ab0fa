"""Golden tensors: one drawn picture, what the model reads of it and what it answers.

Replayed on another runtime, they show at once where it computes something else.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.datasets.scenes import draw_scene
from convert.errors import RuntimeFailure
from convert.manifest import Golden
from convert.pictures.prepare import prepare
from convert.preprocessing import Preprocessing
from convert.runtimes.base import Session
from convert.vocabulary import Record

FILE = "golden.npz"
OUTPUT = "output_"
_MOST = 2**16
"""Values that are kept of an output; a larger map is thinned out."""
_SEED = 20_180_129
_ALIKE = 0.95
"""The least correlation, and share of equal labels, of a runtime that computes the same thing:
the schemes' files stay above it against each other, a wrong kernel does not."""


def golden(
    session: Session, input_name: str, pre: Preprocessing, runtime: str, folder: Path
) -> Golden:
    """Write `golden.npz`, with every output as `output_<name>`.

    The picture is drawn by convert, so that it can be published with any model.
    """
    image = draw_scene(_SEED).image
    tensor = prepare(image, pre).tensor
    outputs = session.run({input_name: tensor})
    stride = max(stride_for(output) for output in outputs.values())
    kept = {
        f"{OUTPUT}{name}": thinned(output, stride).astype(np.float32)
        for name, output in outputs.items()
    }
    np.savez_compressed(folder / FILE, image=image, input=tensor, **kept)
    return Golden(file=FILE, stride=stride, runtime=runtime)


def stride_for(output: NDArray[Any]) -> int:
    """The smallest stride that keeps few enough values of a map [1, H, W, C]."""
    stride = 1
    longest = max(output.shape[1:3]) if output.ndim == 4 else 1
    while stride < longest and thinned(output, stride).size > _MOST:
        stride += 1
    return stride


def thinned(output: NDArray[Any], stride: int) -> NDArray[Any]:
    """Every `stride`-th row and column of a map; other outputs as they are."""
    return output[:, ::stride, ::stride] if output.ndim == 4 else output


class Likeness(Record):
    """How a runtime's answer to the golden input compares with the golden answer: the worst output.

    Correlation is the cosine of the two less their means, so that an offset does not hide a
    difference.
    """

    difference: float
    """The largest one of any value, in parts of the output's range."""
    correlation: float
    labels: float | None
    """The share of equal arg max over the last axis; None where none has classes there."""

    @property
    def wrong(self) -> str | None:
        """What makes it another computation, or None where it is the same one."""
        if not self.correlation >= _ALIKE:
            return f"its correlation with the golden answer is {self.correlation:.3f}"
        if self.labels is not None and self.labels < _ALIKE:
            return f"{self.labels:.1%} of its labels are those of the golden answer"
        return None


def replay(
    session: Session, input_name: str, folder: Path, golden: Golden, *, classified: bool
) -> Likeness:
    """Run the golden input, and compare each output with the golden one.

    `classified`: the outputs' last axis is one of classes, whose arg max is compared, too.
    Raises RuntimeFailure where an output has another shape or holds values that are not finite.
    """
    with np.load(folder / golden.file) as file:
        kept = {name: file[name] for name in file.files}
    outputs = session.run({input_name: kept["input"]})
    pairs = [
        (name, thinned(output, golden.stride).astype(np.float64), kept[f"{OUTPUT}{name}"])
        for name, output in outputs.items()
    ]
    for name, found, wanted in pairs:
        if found.shape != wanted.shape:
            raise RuntimeFailure(f"{folder}: {name} has shape {found.shape}, not {wanted.shape}")
        if not np.isfinite(found).all():
            raise RuntimeFailure(f"{folder}: {name} holds values that are not finite")
    maps = [(found, wanted) for _, found, wanted in pairs if classified and found.shape[-1] > 1]
    return Likeness(
        difference=max(_difference(found, wanted) for _, found, wanted in pairs),
        correlation=min(_correlation(found, wanted) for _, found, wanted in pairs),
        labels=min((_same_labels(found, wanted) for found, wanted in maps), default=None),
    )


def _difference(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    return float(np.abs(found - wanted).max()) / max(float(np.ptp(wanted)), 1e-9)


def _correlation(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    one, other = found.ravel() - found.mean(), wanted.ravel() - wanted.mean(dtype=np.float64)
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if lengths == 0:
        return float(np.allclose(found, wanted, atol=1e-3))
    return float(one @ other) / lengths


def _same_labels(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    return float(np.mean(found.argmax(axis=-1) == wanted.argmax(axis=-1)))
