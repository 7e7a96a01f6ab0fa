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
OUTPUT = "output_"
_MOST = 2**16
"""Values that are kept of an output; a larger map is thinned out."""
_SEED = 20_180_129


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
    np.savez_compressed(folder / FILE, allow_pickle=False, image=image, input=tensor, **kept)
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
