"""From places on a model's input back to places on the picture."""

import numpy as np
from numpy.typing import NDArray

from convert.pictures.placement import Placement

Points = NDArray[np.float32]


def to_picture(points: Points, placement: Placement) -> Points:
    """Points [..., (y, x)] in the input's pixels, in the picture's pixels.

    A pixel reaches from its index to the next one, so 0 is the outer edge of the first.
    """
    content, part = placement.content, placement.part
    factor = np.array([part.height / content.height, part.width / content.width])
    start = np.array([content.top, content.left])
    found: Points = ((points - start) * factor + (part.top, part.left)).astype(np.float32)
    return found
