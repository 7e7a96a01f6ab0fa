"""Bring an .onnx file into memory: whole, checked, with its weights and without functions."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from convert.errors import SourceError, UnsupportedError

_SMALLEST_IR, _LARGEST_IR = 1, 31
_LENGTHS = (0x12, 0x1A, 0x32, 0x3A, 0x42)
"""Keys of ModelProto's fields with a length: producer, version, doc_string, graph, opset_import."""
_OWN_DOMAINS = ("", "ai.onnx")
_FIRST_OPSET = 7
"""Before it, broadcasting followed other rules."""


def is_onnx(head: bytes) -> bool:
    """Whether a file's first bytes are a ModelProto's: field 1 (ir_version), then another."""
    is_long = len(head) > 2 and head[0] == 0x08
    return is_long and _SMALLEST_IR < head[1] <= _LARGEST_IR and head[2] in _LENGTHS


def load(path: Path) -> Any:
    """The ModelProto of a file, with all weights inside it.

    Raises SourceError where it is damaged, UnsupportedError where it is of an opset too old or
    has operators of another domain.
    """
    from onnx.checker import ValidationError
    from onnx.external_data_helper import load_external_data_for_model
    from onnx.inliner import inline_local_functions

    model = parse(path)
    try:
        load_external_data_for_model(model, str(path.parent))
        if model.functions:
            model = inline_local_functions(model)
    except (ValidationError, OSError, ValueError) as error:
        raise SourceError(
            f"{path} is no whole ONNX model: {str(error).strip().splitlines()[0]}",
            hint="Fetch it again, with the files of weights that lie beside it.",
        ) from error
    _refuse_old(path, model)
    _refuse_dangling(path, model)
    return model


def parse(path: Path) -> Any:
    """The ModelProto of a file as it stands. Raises SourceError."""
    import onnx
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(path.read_bytes())
    except (DecodeError, OSError) as error:
        raise SourceError(
            f"{path} is no whole ONNX model: {error}",
            hint="Fetch it again, and compare its digest.",
        ) from error
    if not model.graph.node:
        raise SourceError(f"{path} is an ONNX model without a graph", hint="Fetch it again.")
    return model


def companions(path: Path) -> Iterator[Path]:
    """The files beside a model that hold its weights, each once. Raises SourceError."""
    named = dict.fromkeys(
        entry.value
        for tensor in parse(path).graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    )
    for name in named:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise SourceError(f"{path}: its file of weights {name!r} leads outside")
        yield path.parent / name


def _refuse_old(path: Path, model: Any) -> None:
    version = opset(model)
    if version < _FIRST_OPSET:
        raise UnsupportedError(
            f"{path} is of ONNX opset {version}; {_FIRST_OPSET} is the first that is read",
            hint="onnx.version_converter.convert_version(model, 13) may bring it up.",
        )


def _refuse_dangling(path: Path, model: Any) -> None:
    """ONNX's own checker is no help: it refuses whole models that every runtime takes."""
    graph = model.graph
    given = {"", *(i.name for i in graph.input), *(t.name for t in graph.initializer)}
    for node in graph.node:
        missing = [name for name in node.input if name not in given]
        if missing:
            raise SourceError(
                f"{path}: node {node.name!r} ({node.op_type}) reads {missing[0]!r}, which nothing "
                "before it gives",
                hint="The file may be cut short: fetch it again, and compare its digest.",
            )
        given.update(node.output)


def opset(model: Any) -> int:
    """The version of ONNX's own operators that a model is written in."""
    versions = [int(o.version) for o in model.opset_import if o.domain in _OWN_DOMAINS]
    return max(versions, default=1)
