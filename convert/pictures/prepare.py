"""Make a model's input of a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.pictures.placement import Placement, place
from convert.pictures.resample import resample
from convert.preprocessing import Preprocessing


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A model's input, and what is needed to bring its answer back to the picture."""

    tensor: NDArray[np.float32]
    """[1, h, w, 3], in the model's own value range."""
    placement: Placement


def prepare(image: NDArray[np.uint8], pre: Preprocessing) -> Prepared:
    """Fit an RGB picture [H, W, 3] into the input: crop, resize, pad, (pixel - mean) * scale."""
    placement = place((image.shape[0], image.shape[1]), pre)
    part = image[placement.part.slices]
    pixels = resample(part, placement.content.size, pre.resampling)
    if pre.channels == "BGR":
        pixels = pixels[..., ::-1]
    mean, scale = np.array(pre.mean, np.float32), np.array(pre.scale, np.float32)
    tensor = np.empty((1, *pre.size, 3), np.float32)
    if placement.content.size != pre.size:
        tensor[:] = (np.float32(pre.pad_value) - mean) * scale
    content = tensor[0][placement.content.slices]
    np.subtract(pixels, mean, out=content)
    content *= scale
    return Prepared(tensor=tensor, placement=placement)
