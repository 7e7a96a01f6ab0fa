"""Reads a tfjs graph model (model.json and its weight shards) as a graph that TensorFlow can run.

The weights are the ones tfjs computes with: the stored integers or halves, brought back to
float32 as `decodeWeights` in tfjs-core's io_utils does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.errors import SourceError, UnsupportedError
from convert.graph.graph import is_control, node_name
from convert.graph.tensorflow import tensorflow
from convert.graph.tfjs_fused import without_fused_ops
from convert.graph.tfjs_weights import Json, Weights, read_weights, shard_paths

_TOPOLOGY = "model.json"
_LAYERS = (
    "Turn it into a graph model first: tensorflowjs_converter "
    "--input_format=tfjs_layers_model --output_format=tfjs_graph_model."
)


@dataclass(frozen=True, kw_only=True)
class TfjsGraph:
    """A GraphDef with its weights, and the nodes that the signature's names stand for."""

    graph_def: Any
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def read_tfjs(path: Path) -> TfjsGraph:
    """Read a graph model: its folder, or its model.json.

    Raises SourceError, naming file and value, where it is not whole, UnsupportedError where it is
    whole but of another kind, or holds a weight's dtype or a fused op that is not known.
    """
    file = topology_path(path)
    model = _json(file)
    try:
        weights = read_weights(file.parent, model["weightsManifest"])
        graph_def = without_fused_ops(_graph_def(model["modelTopology"], weights))
        return TfjsGraph(
            graph_def=graph_def,
            inputs=_ends(model, "inputs") or _placeholders(graph_def),
            outputs=_ends(model, "outputs") or _unread(graph_def),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{file} is not a tfjs graph model: {error!r}") from error


def topology_path(path: Path) -> Path:
    """The model.json of a graph model that is given by it or by its folder."""
    return path / _TOPOLOGY if path.is_dir() else path


def files(path: Path) -> tuple[Path, ...]:
    """Every file of a graph model, its model.json first. Raises SourceError where that is broken.

    The shards' names are relative to the folder of model.json, as browsers resolve them.
    """
    file = topology_path(path)
    try:
        return (file, *shard_paths(file.parent, _json(file)["weightsManifest"]))
    except (KeyError, TypeError) as error:
        raise SourceError(f"{file} is not a tfjs graph model: {error!r}") from error


def _json(path: Path) -> Json:
    try:
        model = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {error}", hint="Fetch it again.") from error
    if not isinstance(model, dict):
        raise SourceError(f"{path} is not a tfjs graph model")
    if model.get("format", "graph-model") != "graph-model":
        kind = str(model["format"])
        hint = _LAYERS if kind == "layers-model" else None
        raise UnsupportedError(f"{path} is not a tfjs graph model but a {kind}", hint=hint)
    return model


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
    """The nodes of the signature's inputs or outputs, by name; older converters hid it."""
    hidden = (model.get("userDefinedMetadata") or {}).get("signature")
    signature = model.get("signature") or hidden or {}
    return {name: node_name(info["name"]) for name, info in signature.get(side, {}).items()}


def _placeholders(graph_def: Any) -> dict[str, str]:
    """What is fed where the signature does not say, as for models made of frozen graphs."""
    return {node.name: node.name for node in graph_def.node if node.op == "Placeholder"}


def _unread(graph_def: Any) -> dict[str, str]:
    """What is answered where the signature does not say: nodes that nobody reads."""
    read = {node_name(r) for node in graph_def.node for r in node.input if not is_control(r)}
    passive = ("Const", "Placeholder", "NoOp")
    return {n.name: n.name for n in graph_def.node if n.name not in read and n.op not in passive}
