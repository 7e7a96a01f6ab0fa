"""Reads a tfjs graph model (model.json and its weight shards) as a graph that TensorFlow can run.

The weights are the ones tfjs computes with: the stored integers or halves, brought back to
float32 as `decodeWeights` in tfjs-core's io_utils does.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import RuntimeFailure
from convert.graph.graph import node_name
from convert.graph.tensorflow import tensorflow
from convert.runtimes.tfjs_fused import without_fused_ops

Json = Mapping[str, Any]
Weights = Mapping[str, NDArray[Any]]

_STORED = {"float32": "<f4", "int32": "<i4", "bool": "?", "uint8": "u1", "uint16": "<u2"}
_QUANTIZED = {"uint8": "u1", "uint16": "<u2", "float16": "<f2"}


@dataclass(frozen=True, kw_only=True)
class TfjsGraph:
    """A GraphDef with its weights, and the nodes that the signature's names stand for."""

    graph_def: Any
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def read_tfjs(folder: Path) -> TfjsGraph:
    """Read a graph model. Raises RuntimeFailure, naming file and value, where it is not whole."""
    path = folder / "model.json"
    model = _json(path)
    try:
        weights = _weights(folder, model["weightsManifest"])
        graph_def = without_fused_ops(_graph_def(model["modelTopology"], weights))
        return TfjsGraph(
            graph_def=graph_def,
            inputs=_ends(model, "inputs") or _placeholders(graph_def),
            outputs=_ends(model, "outputs"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RuntimeFailure(f"{path} is not a tfjs graph model: {error!r}") from error


def _json(path: Path) -> Json:
    try:
        model = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RuntimeFailure(f"{path} cannot be read: {error}") from error
    if not isinstance(model, dict) or model.get("format", "graph-model") != "graph-model":
        raise RuntimeFailure(f"{path} is not a tfjs graph model")
    return model


def _weights(folder: Path, manifest: list[Json]) -> dict[str, NDArray[Any]]:
    """Every weight by name, as tfjs computes with it."""
    found: dict[str, NDArray[Any]] = {}
    for group in manifest:
        content = b"".join(_shard(folder / name) for name in group["paths"])
        end = 0
        for weight in group["weights"]:
            stored, end = _stored(weight, content, end, folder)
            found[weight["name"]] = dequantized(stored, weight)
        if end != len(content):
            raise RuntimeFailure(
                f"{folder}: the shards {', '.join(group['paths'])} hold {len(content)} bytes, "
                f"but their weights take {end}"
            )
    return found


def _shard(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RuntimeFailure(f"{path} cannot be read: {error}") from error


def _stored(weight: Json, content: bytes, start: int, folder: Path) -> tuple[NDArray[Any], int]:
    """The array of one weight as the shards store it, and where it ends."""
    name, quantization = weight["name"], weight.get("quantization")
    known = _QUANTIZED if quantization else _STORED
    stored_as = (quantization or weight)["dtype"]
    if stored_as not in known:
        raise RuntimeFailure(f"{folder}: weight {name!r} is stored as {stored_as}")
    count = math.prod(weight["shape"])
    end = start + count * np.dtype(known[stored_as]).itemsize
    if end > len(content):
        raise RuntimeFailure(
            f"{folder}: weight {name!r} ends at byte {end}, but the shards hold {len(content)}"
        )
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


def _graph_def(topology: Json, weights: Weights) -> Any:
    """The topology as a GraphDef whose Const nodes have their values again."""
    from google.protobuf import json_format

    tf = tensorflow()
    graph_def = tf.compat.v1.GraphDef()
    try:
        json_format.ParseDict(topology, graph_def, ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise ValueError(f"modelTopology: {error}") from error
    for node in graph_def.node:
        if node.op == "Const" and node.name in weights:
            dtype = tf.as_dtype(node.attr["dtype"].type).as_numpy_dtype
            value = weights[node.name].astype(dtype, copy=False)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return graph_def


def _ends(model: Json, side: str) -> dict[str, str]:
    """The nodes of the signature's inputs or outputs, by name."""
    signature = model.get("signature") or {}
    return {name: node_name(info["name"]) for name, info in signature.get(side, {}).items()}


def _placeholders(graph_def: Any) -> dict[str, str]:
    """What is fed where the signature does not say, as for models made of frozen graphs."""
    return {node.name: node.name for node in graph_def.node if node.op == "Placeholder"}
