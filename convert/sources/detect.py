"""Tell a model file's format from its first bytes, without the library that reads it."""

from pathlib import Path
from typing import NoReturn

from convert.errors import SourceError, UnsupportedError
from convert.sources import SOURCES
from convert.sources.wire import check_graph
from convert.vocabulary import SourceFormat

_HEAD = 4096

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89HDF\r\n\x1a\n", "a Keras HDF5 model"),
    (0, b"PK\x03\x04", "a zip archive (a Keras v3 or a PyTorch model is one)"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\x80\x02", "a Python pickle (an old PyTorch model is one)"),
    (0, b"<?xml", "an XML file (an OpenVINO model is one)"),
    (0, b"\x08\x01\x12", "a TensorFlow SavedModel"),
)
_NEXT = {
    "a gzip archive": "Unpack it; in a recipe, `source.member` names the file inside.",
    "a TensorFlow SavedModel": "Freeze it: convert_variables_to_constants_v2 of its signature, "
    "then write the function's graph.as_graph_def().",
}
_HINT = "What is read: frozen TensorFlow graphs (.pb), TFLite, TensorFlow.js and ONNX models."


def detect(path: Path) -> SourceFormat:
    """The format of a model file, from its content alone.

    Raises SourceError for what is no model file or a damaged one, UnsupportedError for a model
    of a format that is not read.
    """
    head = _head(path)
    for name, reader in SOURCES.items():
        if reader.recognises(path, head):
            return name
    _refuse(path, head)


def _head(path: Path) -> bytes:
    """A file's first bytes; none of a folder."""
    if path.is_dir():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise SourceError(
            f"{path}: {error.strerror or error}", hint="Give the path of a model file."
        ) from error


def _refuse(path: Path, head: bytes) -> NoReturn:
    """Say what else it is, or what is wrong with it."""
    if path.is_dir():
        raise _folder(path)
    if not head:
        raise SourceError(f"{path} is empty", hint="Fetch it again.")
    other = _other(head)
    if other:
        raise UnsupportedError(f"{path} is {other}", hint=_hint(other))
    check_graph(path)
    raise UnsupportedError(f"{path} is of a format that is not read", hint=_HINT)


def _hint(other: str) -> str:
    return " ".join(filter(None, (_HINT, _NEXT.get(other))))


def _other(head: bytes) -> str | None:
    """What else than a frozen graph a file's first bytes say it is."""
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if _is_onnx(head):
        return "an ONNX model"
    text = head.lstrip()
    if text.startswith(b"{"):
        kind = b"modelTopology" in head or b"weightsManifest" in head or b"graph-model" in head
        return "a TensorFlow.js model" if kind else "a JSON file"
    if text.startswith((b"node {", b"node{")):
        return "a graph in text form (.pbtxt)"
    return None


def _is_onnx(head: bytes) -> bool:
    """ModelProto: field 1 (ir_version) a small varint, then a field with a length."""
    return len(head) > 3 and head[0] == 0x08 and 3 <= head[1] < 32 and head[2] in (0x12, 0x3A, 0x42)


def _folder(path: Path) -> SourceError | UnsupportedError:
    kinds = {"saved_model.pb": "a TensorFlow SavedModel", "model.json": "a TensorFlow.js model"}
    for file, name in kinds.items():
        if (path / file).is_file():
            return UnsupportedError(f"{path} is {name}", hint=_hint(name))
    graphs = sorted(found.name for found in path.glob("*.pb"))
    found = f"It holds {', '.join(graphs)}." if graphs else "It holds no .pb file."
    return SourceError(f"{path} is a folder", hint=f"Give the path of a model file. {found}")
