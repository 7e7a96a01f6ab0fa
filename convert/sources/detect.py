"""Tell a model file's format from its first bytes, without the library that reads it."""

from pathlib import Path

from convert.errors import SourceError, UnsupportedError
from convert.sources import SOURCES
from convert.sources.wire import check_graph
from convert.vocabulary import SourceFormat

_HEAD = 4096

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "a zip archive (a PyTorch model is one)"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\x80\x02", "a Python pickle (an old PyTorch model is one)"),
    (0, b"<?xml", "an XML file (an OpenVINO model is one)"),
)
_PYTORCH = "torch.onnx.export writes a PyTorch model as ONNX."
_NEXT = {
    "a gzip archive": "Unpack it; in a recipe, `source.member` names the file inside.",
    "a zip archive (a PyTorch model is one)": _PYTORCH,
    "a Python pickle (an old PyTorch model is one)": _PYTORCH,
}
_HINT = (
    "What is read: frozen TensorFlow graphs (.pb), SavedModels, TensorFlow 1 checkpoints with "
    "their .meta, Keras (.keras, .h5), TFLite, TensorFlow.js and ONNX models."
)


def detect(path: Path) -> SourceFormat:
    """The format of a model file, from its content alone.

    Raises SourceError for what is no model file or a damaged one, UnsupportedError for a model
    of a format that is not read.
    """
    head = _head(path)
    for name, reader in SOURCES.items():
        if reader.recognises(path, head):
            return name
    raise _refusal(path, head)


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


def _refusal(path: Path, head: bytes) -> SourceError | UnsupportedError:
    """What else it is; where it is a damaged graph, that is raised with the place of the damage."""
    if path.is_dir():
        return _folder(path)
    if not head:
        return SourceError(f"{path} is empty", hint="Fetch it again.")
    other = _other(head)
    if other:
        return UnsupportedError(f"{path} is {other}", hint=_hint(other))
    check_graph(path)
    return UnsupportedError(f"{path} is of a format that is not read", hint=_HINT)


def _hint(other: str) -> str:
    return " ".join(filter(None, (_HINT, _NEXT.get(other))))


def _other(head: bytes) -> str | None:
    """What else than a frozen graph a file's first bytes say it is."""
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    text = head.lstrip()
    if text.startswith(b"{"):
        return "a JSON file"
    if text.startswith((b"node {", b"node{")):
        return "a graph in text form (.pbtxt)"
    return None


def _folder(path: Path) -> SourceError:
    graphs = sorted(found.name for found in path.glob("*.pb"))
    found = f"It holds {', '.join(graphs)}." if graphs else "It holds no .pb file."
    return SourceError(
        f"{path} is a folder, and no model's", hint=f"Give the path of a model file. {found}"
    )
