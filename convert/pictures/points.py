"""Points of the picture, from a model's flat output."""

from collections.abc import Mapping

import numpy as np

from convert.errors import UsageError
from convert.pictures.choose import Floats, choose
from convert.pictures.placement import Placement
from convert.pictures.projection import to_picture
from convert.preprocessing import PointDecoding


def points(outputs: Mapping[str, Floats], how: PointDecoding, placement: Placement) -> Floats:
    """Points [P, columns]: x and y in the picture's pixels, further columns as they are.

    Raises UsageError where the output does not divide into that many columns.
    """
    output = choose(outputs, how.output, "postprocessing.points.output")
    if output.size == 0 or output.size % how.columns:
        raise UsageError(
            f"an output of shape {output.shape} does not divide into points of {how.columns}",
            hint="Set postprocessing.points.columns to how many numbers each point has.",
        )
    found = output.reshape(-1, how.columns).astype(np.float32)
    places = found[:, 1::-1]
    if how.units == "fractions":
        places = places * np.array(placement.input, np.float32)
    found[:, 1::-1] = to_picture(places, placement)
    return found
