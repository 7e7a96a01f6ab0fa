"""TensorFlow 1 checkpoints with their meta graph: `X.meta`, `X.index` and `X.data-...`."""

from pathlib import Path
from typing import Any

from convert.errors import SourceError
from convert.graph.discover.flow import Flow
from convert.graph.discover.inputs import find_inputs
from convert.graph.discover.outputs import find_outputs
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.sources.freezing import freeze_session

_META, _INDEX = ".meta", ".index"


def recognises(path: Path, head: bytes) -> bool:
    """Whether a meta graph and an index of the same name lie there, or in a folder."""
    return _prefix(path) is not None


def read(path: Path) -> Graph:
    """The graph from its picture to its likeliest answers, with the checkpoint's weights.

    Raises SourceError where a file is missing or damaged, UnsupportedError where no input takes a
    picture.
    """
    tf, (meta, *_) = tensorflow(), files(path)
    with tf.Graph().as_default() as graph:
        try:
            saver = tf.compat.v1.train.import_meta_graph(str(meta), clear_devices=True)
            with tf.compat.v1.Session() as session:
                saver.restore(session, str(meta.with_suffix("")))
                return _frozen(session, graph)
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise SourceError(
                f"{meta} and its checkpoint cannot be restored: {str(error).splitlines()[0]}",
                hint="X.meta, X.index and all of X.data-... belong together.",
            ) from error


def files(path: Path) -> tuple[Path, ...]:
    """The meta graph, the index, and the parts of the weights. Raises SourceError."""
    prefix = _prefix(path)
    parts = sorted(prefix.parent.glob(f"{prefix.name}.data-*")) if prefix else []
    if prefix is None or not parts:
        raise SourceError(
            f"{path}: the parts of the weights ({prefix.name if prefix else path.name}.data-...) "
            "are missing",
            hint="X.meta, X.index and all of X.data-... belong together.",
        )
    return (_of(prefix, _META), _of(prefix, _INDEX), *parts)


def _prefix(path: Path) -> Path | None:
    """The common name of a checkpoint's files; of a folder's, the last by name and step."""
    if path.is_dir():
        metas = [p for p in path.glob(f"*{_META}") if _prefix(p)]
        newest = max(metas, key=lambda p: (len(p.name), p.name), default=None)
        return newest.with_suffix("") if newest else None
    prefix = path.with_suffix("") if path.suffix in (_META, _INDEX) else path
    whole = _of(prefix, _META).is_file() and _of(prefix, _INDEX).is_file()
    return prefix if whole else None


def _of(prefix: Path, suffix: str) -> Path:
    return prefix.with_name(prefix.name + suffix)


def _frozen(session: Any, graph: Any) -> Graph:
    """From the picture to what only it leads to, as `convert inspect` would find it."""
    whole = Graph(graph_def=graph.as_graph_def(), inputs=(), outputs=())
    picture = find_inputs(whole)[0].name
    first = {op.name: op.outputs[0] for op in graph.get_operations() if op.outputs}
    shapes = {
        name: None if t.shape.rank is None else tuple(t.shape.as_list())
        for name, t in first.items()
    }
    dtypes = {name: t.dtype.base_dtype.name for name, t in first.items()}
    found = find_outputs(Flow(graph=whole, picture=picture), shapes, dtypes)
    plain = [o.name for o in found if "it also needs" not in o.says] or [found[0].name]
    return freeze_session(session, whole.graph_def, [picture], plain)
