"""A published folder's golden tensors in a form that pages and Node read without a package."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError, UsageError
from convert.manifest import Manifest
from convert.pictures.answer import answer
from convert.pictures.placement import place

_OUTPUT = "output_"
_ANSWER = "answer"


def golden(folder: Path, manifest: Manifest) -> dict[str, NDArray[Any]]:
    """`image`, `input_<name>`, `output_<name>` and, where thinned outputs have one, `answer`.

    The answer is what `convert.pictures` makes of the golden outputs: labels uint8 or int32, all
    else float32. Raises SourceError where the folder's file is missing or not what it should be.
    """
    path = folder / manifest.golden.file
    try:
        with np.load(path, allow_pickle=False) as file:
            image, tensor = file["image"], file["input"]
            kept = {name: file[name] for name in file.files if name.startswith(_OUTPUT)}
    except (OSError, ValueError, KeyError) as error:
        raise SourceError(
            f"{path} holds no golden tensors: {error}", hint="`convert run` publishes it anew."
        ) from error
    (fed,) = manifest.artifact.signature.inputs
    made = {"image": image, f"input_{fed.name}": tensor, **kept}
    outputs = {name.removeprefix(_OUTPUT): value for name, value in kept.items()}
    try:
        placement = place(image.shape[:2], manifest.recipe.preprocessing)
        said = answer(outputs, manifest.recipe.postprocessing, placement)
    except UsageError:
        return made  # a map that is not brought to the picture's size has it only unthinned
    return {**made, _ANSWER: said if said.dtype.kind in "ui" else said.astype(np.float32)}


def packed(arrays: dict[str, NDArray[Any]]) -> dict[str, bytes]:
    """golden.json, which says what lies in golden.bin, one array after the other."""
    told = [
        {"name": name, "dtype": array.dtype.name, "shape": array.shape}
        for name, array in arrays.items()
    ]
    content = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    return {"golden.json": json.dumps({"arrays": told}).encode(), "golden.bin": content}
