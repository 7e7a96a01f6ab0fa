"""TensorFlow.js graph models: model.json and the weight shards beside it, or their folder."""

from pathlib import Path

from convert.graph.graph import Graph
from convert.graph.tfjs_model import files, read_tfjs, topology_path

__all__ = ["files", "read", "recognises"]

_SIGNS = (b'"modelTopology"', b'"weightsManifest"', b'"graph-model"')


def recognises(path: Path, head: bytes) -> bool:
    """Whether a JSON file, or the model.json of a folder, has the keys of a tfjs model."""
    file = topology_path(path)
    if not head and file.is_file():
        with file.open("rb") as opened:
            head = opened.read(4096)
    return head.lstrip().startswith(b"{") and any(sign in head for sign in _SIGNS)


def read(path: Path) -> Graph:
    """The graph of a model.json or its folder, with float32 weights and no fused ops.

    Its ends are the signature's, or the placeholders and the nodes that nobody reads. Raises
    SourceError, naming the file, where it or a shard is missing or not whole, UnsupportedError
    where it holds what TensorFlow does not have.
    """
    model = read_tfjs(path)
    ends = {"inputs": tuple(model.inputs.values()), "outputs": tuple(model.outputs.values())}
    return Graph(graph_def=model.graph_def, **ends).pruned()
