"""SavedModel folders of TensorFlow 1 and 2, frozen with their serving signature."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.errors import SourceError, UnsupportedError
from convert.graph.graph import Graph, node_name
from convert.graph.tensorflow import tensorflow
from convert.sources.freezing import Port, freeze_function, freeze_session, refuse

_FILE = "saved_model.pb"
_VARIABLES = "variables"
_MAGIC = b"\x08\x01\x12"
"""saved_model_schema_version 1, then the first meta graph."""
_SERVE = "serve"
_SIGNATURES = ("serving_default", "default", "predict", "image_classifier")
_HINT = "Load it with the TensorFlow that wrote it, and save it again with a signature."


def recognises(path: Path, head: bytes) -> bool:
    """Whether a folder holds a saved_model.pb, or a file begins like one."""
    return (path / _FILE).is_file() if not head else head.startswith(_MAGIC)


def read(path: Path) -> Graph:
    """The serving signature's graph, with its inputs' and outputs' names and a batch of 1.

    Raises SourceError where a file is missing or damaged, UnsupportedError where there is no
    signature to serve by or TensorFlow does not know what it holds.
    """
    folder = path if path.is_dir() else path.parent
    meta = _meta_graph(folder)
    tf = tensorflow()
    # HasField is False for what TensorFlow 1 saved: it had no objects.
    load = _objects if meta.HasField("object_graph_def") else _session
    try:
        return load(folder, meta)
    except (ValueError, TypeError, KeyError, OSError, AttributeError, tf.errors.OpError) as error:
        if isinstance(error, (OSError, tf.errors.NotFoundError, tf.errors.DataLossError)):
            raise SourceError(
                f"{folder} is not whole: {str(error).splitlines()[0]}",
                hint=f"Its {_VARIABLES}/ folder belongs beside {_FILE}.",
            ) from error
        raise refuse(folder, error, _HINT) from error


def files(path: Path) -> tuple[Path, ...]:
    """saved_model.pb and the files of its variables and assets."""
    folder = path if path.is_dir() else path.parent
    beside = (p for name in (_VARIABLES, "assets") for p in sorted((folder / name).rglob("*")))
    return (folder / _FILE, *(p for p in beside if p.is_file()))


def _meta_graph(folder: Path) -> Any:
    """The MetaGraphDef that serves."""
    from google.protobuf.message import DecodeError

    tensorflow()
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    file = folder / _FILE
    model = SavedModel()
    try:
        model.ParseFromString(file.read_bytes())
    except (DecodeError, OSError) as error:
        raise SourceError(
            f"{file} is no whole SavedModel: {error}", hint="Fetch it again."
        ) from error
    graphs = list(model.meta_graphs)
    if not graphs:
        raise SourceError(f"{file} holds no graph", hint="Fetch it again.")
    return next((g for g in graphs if _SERVE in g.meta_info_def.tags), graphs[0])


def _objects(folder: Path, meta: Any) -> Graph:
    """As TensorFlow 2 saves: objects whose functions hold variables."""
    loaded = tensorflow().saved_model.load(str(folder), tags=list(meta.meta_info_def.tags))
    function = loaded.signatures[_signature(folder, dict(meta.signature_def))]
    _, wanted = function.structured_input_signature
    ports = [Port(name=name, shape=s.shape, dtype=s.dtype) for name, s in wanted.items()]

    def call(*tensors: Any) -> Mapping[str, Any]:
        return dict(function(**dict(zip(wanted, tensors, strict=True))))

    return freeze_function(call, ports)


def _session(folder: Path, meta: Any) -> Graph:
    """As TensorFlow 1 saved: a graph with its variables in a session."""
    tf = tensorflow()
    signature = meta.signature_def[_signature(folder, dict(meta.signature_def))]
    inputs, outputs = (
        [node_name(info.name) for _, info in sorted(side.items())]
        for side in (signature.inputs, signature.outputs)
    )
    has_variables = any("Variable" in n.op or n.op == "VarHandleOp" for n in meta.graph_def.node)
    if has_variables and not (folder / _VARIABLES / "variables.index").is_file():
        raise FileNotFoundError(f"{_VARIABLES}/variables.index is missing")
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.saved_model.load(session, list(meta.meta_info_def.tags), str(folder))
        return freeze_session(session, session.graph.as_graph_def(), inputs, outputs)


def _signature(folder: Path, signatures: Mapping[str, Any]) -> str:
    """The name of the signature that serves."""
    useful = [name for name, s in signatures.items() if s.inputs and s.outputs]
    chosen = next((name for name in _SIGNATURES if name in useful), None)
    if chosen is None and len(useful) == 1:
        chosen = useful[0]
    if chosen is None:
        found = ", ".join(sorted(useful)) or "none"
        raise UnsupportedError(
            f"{folder} has no signature {_SIGNATURES[0]!r}; it has: {found}", hint=_HINT
        )
    return chosen
