"""Find the output that a decoding names."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.errors import UsageError

Floats = NDArray[np.float32]


def choose(outputs: Mapping[str, Floats], name: str | None, key: str) -> Floats:
    """The output of that name, or the only one; `key` is where the recipe names it.

    Raises UsageError where there is none of that name, or no name and several.
    """
    if name is None and len(outputs) == 1:
        return next(iter(outputs.values()))
    if name is None or name not in outputs:
        said = "names no output" if name is None else f"is {name!r}"
        raise UsageError(
            f"{key} {said}, and the model's outputs are {', '.join(sorted(outputs))}",
            hint=f"Set {key} to one of them in the recipe.",
        )
    return outputs[name]
