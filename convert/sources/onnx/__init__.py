"""ONNX models: read node by node into a TensorFlow graph whose pictures are NHWC.

No library that does this fits beside TensorFlow 2.19: onnx2tf pins other versions, onnx-tf is
no longer kept, and what is written from NCHW graphs by rote has a Transpose around every node.
"""

from pathlib import Path

from convert.errors import ConvertError
from convert.graph.graph import Graph
from convert.sources.onnx.build import build
from convert.sources.onnx.model import companions, is_onnx, load


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file begins as a ModelProto: ir_version, then a field with a length."""
    return is_onnx(head)


def read(path: Path) -> Graph:
    """The graph of an .onnx file: its pictures NHWC, its batch 1, its numbers float32.

    Its ends are named as the file names them. Raises SourceError where the file is damaged or
    the file of its weights is missing, UnsupportedError, naming operator, node and position,
    where an operator or one of its attributes is not known.
    """
    model = load(path)
    try:
        return build(model)
    except ConvertError as error:
        raise type(error)(f"{path}: {error.message}", hint=error.hint) from error


def files(path: Path) -> tuple[Path, ...]:
    """The model and the files beside it that hold its weights."""
    return (path, *companions(path))
