"""Golden tensors: one drawn picture, what the model reads of it and what it answers."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.datasets.scenes import draw_scene
from convert.manifest import Golden
from convert.pictures.prepare import prepare
from convert.preprocessing import Preprocessing
from convert.runtimes.base import Session

FILE = "golden.npz"
_MOST = 2**16
"""Values that are kept of an output; a larger map is thinned out."""
_SEED = 20_180_129


def golden(
    session: Session, names: tuple[str, str], pre: Preprocessing, runtime: str, folder: Path
) -> Golden:
    """Write `golden.npz`; `names` are the input's and the output's.

    The picture is drawn by convert, so that it can be published with any model.
    """
    image = draw_scene(_SEED).image
    tensor = prepare(image, pre).tensor
    output = session.run({names[0]: tensor})[names[1]].astype(np.float32)
    stride = stride_for(output)
    np.savez_compressed(folder / FILE, image=image, input=tensor, output=thinned(output, stride))
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
