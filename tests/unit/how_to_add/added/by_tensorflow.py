"""Core graphs run by TensorFlow."""

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.runtimes.base import Array, SessionFacts
from convert.signature import Signature
from convert.vocabulary import Target

NAME = "by_tensorflow"
TARGET: Target = "core_graph"
MEASURED = False


def missing() -> str | None:
    """Nothing is missing."""
    return None


def version() -> str:
    """The version of tensorflow."""
    return metadata.version("tensorflow")


def open_session(path: Path, signature: Signature, threads: int) -> "Session":
    """Load a graph."""
    graph_def = tensorflow().compat.v1.GraphDef.FromString(path.read_bytes())
    ends = signature.inputs[0].name, signature.outputs[0].name
    return Session(Graph(graph_def=graph_def, inputs=ends[:1], outputs=ends[1:]), threads)


class Session:
    """A loaded graph."""

    def __init__(self, graph: Graph, threads: int) -> None:
        self.facts = SessionFacts(threads=threads)
        self._graph, self._call = graph, function(graph, threads=threads)

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Put the input in place."""
        self._loaded = inputs[self._graph.inputs[0]]

    def invoke(self) -> None:
        """Run once."""
        self._found = self._call(self._loaded)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once on the inputs."""
        self.load(inputs)
        self.invoke()
        return dict(zip(self._graph.outputs, self._found, strict=True))
