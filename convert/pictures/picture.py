"""A picture, from a model's output map."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.errors import UsageError
from convert.pictures.choose import Floats, choose
from convert.pictures.placement import Placement
from convert.pictures.resample import resample
from convert.preprocessing import PictureDecoding

_MOST = 255


def picture(
    outputs: Mapping[str, Floats], how: PictureDecoding, placement: Placement
) -> NDArray[np.uint8]:
    """An RGB picture [H, W, 3] of the size of the one that was given, from [1, h, w, 3].

    Raises UsageError where the output is no such map, or shows a part of the picture only.
    """
    output = choose(outputs, how.output, "postprocessing.picture.output")
    if output.ndim != 4 or output.shape[0] != 1 or output.shape[-1] != 3:
        raise UsageError(
            f"an output of shape {output.shape} is no picture [1, h, w, 3]",
            hint="Set postprocessing.picture.output to the one that is, or take picture out.",
        )
    if placement.part.size != placement.picture:
        raise UsageError(
            "preprocessing.resize is crop, so the model's picture lacks the border",
            hint='Set resize = "stretch" or "letterbox" in the recipe.',
        )
    values = output[0][placement.content_on(output.shape[1:3]).slices]
    levels = resample(values, placement.picture, how.restore) * how.scale + how.offset
    # What is no number becomes black, rather than whatever the processor makes of it.
    whole = np.nan_to_num(np.clip(levels, 0, _MOST).round()).astype(np.uint8)
    return whole[..., ::-1] if how.channels == "BGR" else whole
