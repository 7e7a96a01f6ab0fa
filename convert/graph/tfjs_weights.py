"""The weights of a tfjs model: shards of bytes, and the manifest that says what they are.

Brought back to float32 as `decodeWeights` in tfjs-core's io_utils does.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError, UnsupportedError

Json = Mapping[str, Any]
Weights = Mapping[str, NDArray[Any]]

_STORED = {"float32": "<f4", "int32": "<i4", "bool": "?", "uint8": "u1", "uint16": "<u2"}
_QUANTIZED = {"uint8": "u1", "uint16": "<u2", "float16": "<f2"}


def read_weights(folder: Path, manifest: Sequence[Json]) -> dict[str, NDArray[Any]]:
    """Every weight by name, as tfjs computes with it.

    Raises SourceError that names the shard or the weight that is not whole, UnsupportedError for
    a dtype that is not known; KeyError and TypeError where the manifest is none.
    """
    found: dict[str, NDArray[Any]] = {}
    for group in manifest:
        content = b"".join(_shard(path) for path in shard_paths(folder, [group]))
        end = 0
        for weight in group["weights"]:
            stored, end = _stored(weight, content, end, _said(folder, group))
            found[weight["name"]] = dequantized(stored, weight)
        if end != len(content):
            raise SourceError(
                f"{_said(folder, group)} hold {len(content)} bytes, but their weights take {end}"
            )
    return found


def shard_paths(folder: Path, manifest: Sequence[Json]) -> list[Path]:
    """The files of a manifest's shards, in order. Raises SourceError for one outside the folder."""
    names = [str(name) for group in manifest for name in group["paths"]]
    for name in names:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise SourceError(f"{folder}: the manifest's shard {name!r} leads outside")
    return [folder / name for name in names]


def _shard(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="All shards that model.json names belong beside it.",
        ) from error


def _said(folder: Path, group: Json) -> str:
    return f"{folder}: the shards {', '.join(group['paths'])}"


def _stored(weight: Json, content: bytes, start: int, said: str) -> tuple[NDArray[Any], int]:
    """The array of one weight as the shards store it, and where it ends."""
    name, quantization = weight["name"], weight.get("quantization")
    known = _QUANTIZED if quantization else _STORED
    stored_as = (quantization or weight)["dtype"]
    if stored_as not in known:
        raise UnsupportedError(f"{said}: weight {name!r} is stored as {stored_as}")
    count = math.prod(weight["shape"])
    end = start + count * np.dtype(known[stored_as]).itemsize
    if end > len(content):
        raise SourceError(f"{said} hold {len(content)} bytes, but weight {name!r} ends at {end}")
    array = np.frombuffer(content, known[stored_as], count, start)
    return array.reshape(weight["shape"]), end


def dequantized(stored: NDArray[Any], weight: Json) -> NDArray[Any]:
    """A weight as tfjs computes with it: its stored array, less the manifest's quantization.

    JavaScript multiplies in float64 and rounds once, to float32.
    """
    quantization = weight.get("quantization")
    if quantization is None:
        return stored
    if quantization["dtype"] == "float16":
        return stored.astype(np.float32)
    real = stored.astype(np.float64) * float(quantization["scale"]) + float(quantization["min"])
    if weight["dtype"] == "int32":
        rounded: NDArray[np.float64] = np.floor(real + 0.5)
        return rounded.astype(np.int32)
    return real.astype(np.float32)
