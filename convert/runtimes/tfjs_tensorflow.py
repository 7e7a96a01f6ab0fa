"""tfjs graph models run by TensorFlow, with the dequantized weights they store.

The accuracy is that of the stored weights; the kernels and the times are not those of a browser.
"""

from collections.abc import Mapping
from importlib import metadata, util
from pathlib import Path

from convert.errors import RuntimeFailure, SourceError, UnsupportedError
from convert.graph.graph import Graph
from convert.graph.run import Function, function
from convert.graph.tensorflow import tensorflow
from convert.graph.tfjs_model import TfjsGraph, read_tfjs
from convert.runtimes.base import Array, SessionFacts
from convert.runtimes.matching import named, require
from convert.runtimes.tensors import decode, encode
from convert.signature import Signature
from convert.vocabulary import Target

NAME = "tfjs-by-tensorflow"
TARGET: Target = "tfjs"
MEASURED = False


def missing() -> str | None:
    """Why TensorFlow cannot run here, or None; it is not imported, which takes seconds."""
    return None if util.find_spec("tensorflow") else "tensorflow is missing: pip install tensorflow"


def version() -> str:
    """The version of tensorflow."""
    return metadata.version("tensorflow")


def open_session(path: Path, signature: Signature, threads: int) -> "TfjsSession":
    """Load a graph model's folder. Raises RuntimeFailure where it is not whole or refused."""
    try:
        call = _function(read_tfjs(path), signature, path, threads)
    except SourceError as error:
        raise RuntimeFailure(error.message, hint=error.hint) from error
    except (ValueError, KeyError, UnsupportedError, tensorflow().errors.OpError) as error:
        raise RuntimeFailure(f"TensorFlow cannot load {path}: {error}") from error
    return TfjsSession(call, path, signature, threads)


class TfjsSession:
    """A loaded graph model."""

    def __init__(self, call: Function, path: Path, signature: Signature, threads: int) -> None:
        """Keep TensorFlow's function, from the inputs in order to the outputs in order."""
        self._call, self._path, self._signature = call, path, signature
        self._loaded: list[Array] = []
        self._found: list[Array] = []
        self.facts = SessionFacts(threads=threads)

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Put the inputs in place."""
        self._loaded = list(encode(inputs, self._signature).values())

    def invoke(self) -> None:
        """Run once on what is loaded."""
        try:
            self._found = self._call(*self._loaded)
        except (ValueError, tensorflow().errors.OpError) as error:
            raise RuntimeFailure(f"TensorFlow broke on {self._path}: {error}") from error

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once, float32 NHWC to float32 NHWC."""
        self.load(inputs)
        self.invoke()
        names = [spec.name for spec in self._signature.outputs]
        return decode(dict(zip(names, self._found, strict=True)), self._signature)


def _function(model: TfjsGraph, signature: Signature, path: Path, threads: int) -> Function:
    graph = Graph(
        graph_def=model.graph_def,
        inputs=tuple(named(model.inputs, spec, path) for spec in signature.inputs),
        outputs=tuple(named(model.outputs, spec, path) for spec in signature.outputs),
    )
    shapes = graph.shapes()
    ends = zip(
        (*signature.inputs, *signature.outputs), (*graph.inputs, *graph.outputs), strict=True
    )
    for spec, node in ends:
        require(spec, path, dtype="float32", shape=shapes[node] or spec.shape)
    return function(graph, threads=threads)
