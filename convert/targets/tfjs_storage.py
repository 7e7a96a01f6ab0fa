"""Rewrite a tfjs model's weights as they were decided: codes, scales, and who multiplies them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import ToolError
from convert.graph.tfjs_weights import read_weights, shard_paths
from convert.quantization import Storage, Stored

_TOPOLOGY = "model.json"
_SHARD_BYTES = 4 * 2**20
_HALVED_FROM = 1024
"""Values from which a constant that is no kernel is kept in half precision."""

Entry = dict[str, Any]


def store(folder: Path, storage: Storage) -> None:
    """Write the float32 graph model in `folder` anew with the kernels of `storage` in eight bits.

    Raises ToolError where a kernel is not found among the file's weights.
    """
    file = folder / _TOPOLOGY
    model = json.loads(file.read_text())
    weights = read_weights(folder, model["weightsManifest"])
    for path in shard_paths(folder, model["weightsManifest"]):
        path.unlink()
    named = _named(weights, storage)
    parts: list[tuple[Entry, bytes]] = []
    for name, value in weights.items():
        stored = named.get(name)
        parts += _plain(name, value) if stored is None else _kernel(name, value, stored)
        if stored is not None and stored.channel_scales is not None:
            _multiply(model["modelTopology"]["node"], name, stored.channel_scales)
    model["weightsManifest"] = [_written(folder, parts)]
    file.write_text(json.dumps(model))


def _named(weights: Mapping[str, NDArray[Any]], storage: Storage) -> dict[str, Stored]:
    """Each stored kernel by the name of the weight that holds its values."""
    by_content = {(value.size, value.tobytes()): name for name, value in weights.items()}
    found: dict[str, Stored] = {}
    for kernel, stored in storage.kernels.items():
        values = stored.values
        name = by_content.get((values.size, values.tobytes()))
        if name is None:
            raise ToolError(f"tensorflowjs changed the kernel {kernel!r}: it is not in the file")
        found[name] = stored
    return found


def _plain(name: str, value: NDArray[Any]) -> list[tuple[Entry, bytes]]:
    entry: Entry = {"name": name, "shape": list(value.shape), "dtype": str(value.dtype)}
    if value.dtype == np.float32 and value.size >= _HALVED_FROM and _fits_half(value):
        entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
        value = value.astype(np.float16)
    return [(entry, value.tobytes())]


def _fits_half(value: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(value.astype(np.float16)).all())


def _kernel(name: str, value: NDArray[Any], stored: Stored) -> list[tuple[Entry, bytes]]:
    quantization = {
        "dtype": "uint8",
        "scale": stored.scale,
        "min": stored.minimum,
        "original_dtype": "float32",
    }
    entry: Entry = {"name": name, "shape": list(value.shape), "dtype": "float32"}
    made: list[tuple[Entry, bytes]] = [
        ({**entry, "quantization": quantization}, stored.codes.tobytes())
    ]
    if stored.channel_scales is not None:
        scales = stored.channel_scales
        scale_entry: Entry = {
            "name": _scales(name),
            "shape": list(scales.shape),
            "dtype": "float32",
        }
        made.append((scale_entry, scales.tobytes()))
    return made


def _scales(name: str) -> str:
    return f"{name}/channel_scales"


def _multiply(nodes: list[Entry], kernel: str, scales: NDArray[np.float32]) -> None:
    """Have who reads a kernel read its product with its scales.

    The product is of the kernel's size, not of the picture's: it costs next to nothing.
    """
    product = f"{kernel}/scaled"
    for node in nodes:
        node["input"] = [product if r == kernel else r for r in node.get("input", [])]
    place = next(i for i, node in enumerate(nodes) if node["name"] == kernel)
    shape = {"shape": {"dim": [{"size": str(side)} for side in scales.shape]}}
    made = [
        {
            "name": _scales(kernel),
            "op": "Const",
            "attr": {
                "dtype": {"type": "DT_FLOAT"},
                "value": {"tensor": {"dtype": "DT_FLOAT", "tensorShape": shape["shape"]}},
            },
        },
        {
            "name": product,
            "op": "Mul",
            "input": [kernel, _scales(kernel)],
            "attr": {"T": {"type": "DT_FLOAT"}},
        },
    ]
    nodes[place + 1 : place + 1] = made


def _written(folder: Path, parts: list[tuple[Entry, bytes]]) -> Entry:
    content = b"".join(data for _, data in parts)
    count = max(1, -(-len(content) // _SHARD_BYTES))
    names = [f"group1-shard{i + 1}of{count}.bin" for i in range(count)]
    for i, name in enumerate(names):
        (folder / name).write_bytes(content[i * _SHARD_BYTES : (i + 1) * _SHARD_BYTES])
    return {"paths": names, "weights": [entry for entry, _ in parts]}
