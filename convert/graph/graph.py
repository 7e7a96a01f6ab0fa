"""The one type in the middle of the road: a frozen TensorFlow graph with named ends."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from convert.errors import UnsupportedError
from convert.graph.tensorflow import tensorflow

NodeDef = Any
"""A `tensorflow.NodeDef`: name, op, input, attr."""


def node_name(reference: str) -> str:
    """The node of an input reference: `^a` and `a:1` are both of node `a`."""
    return reference.lstrip("^").split(":")[0]


def is_control(reference: str) -> bool:
    """Whether an input reference is a control dependency."""
    return reference.startswith("^")


def has_other_outputs(graph: "Graph", node: NodeDef) -> bool:
    """Whether somebody reads another output of a node than its first."""
    references = (r for reader in graph.consumers[node.name] for r in reader.input)
    return any(":" in r and not r.endswith(":0") and node_name(r) == node.name for r in references)


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A frozen GraphDef (weights are Const nodes) with the names of its input and output nodes.

    Passes map a Graph to a Graph; nobody changes `graph_def` in place.
    """

    graph_def: Any
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @cached_property
    def nodes(self) -> Mapping[str, NodeDef]:
        """Every node by its name, in the file's order."""
        return {node.name: node for node in self.graph_def.node}

    @cached_property
    def consumers(self) -> Mapping[str, list[NodeDef]]:
        """The nodes that read each node (control dependencies left out), by its name."""
        readers: dict[str, list[NodeDef]] = defaultdict(list)
        for node in self.graph_def.node:
            for name in dict.fromkeys(node_name(r) for r in node.input if not is_control(r)):
                readers[name].append(node)
        return readers

    def node(self, name: str) -> NodeDef:
        """A node by its name or by an input reference. Raises UnsupportedError if absent."""
        found = self.nodes.get(node_name(name))
        if found is None:
            raise UnsupportedError(
                f"the graph has no node {node_name(name)!r}",
                hint="`convert inspect FILE` shows the names it has.",
            )
        return found

    def producers(self, node: NodeDef) -> list[NodeDef]:
        """The nodes that a node reads, in order (control dependencies left out)."""
        return [self.node(r) for r in node.input if not is_control(r)]

    def through_identity(self, name: str) -> NodeDef:
        """The node that a chain of Identity nodes starts from."""
        node = self.node(name)
        while node.op == "Identity":
            node = self.node(node.input[0])
        return node

    def constant(self, name: str) -> NDArray[Any] | None:
        """The value of a Const node, also behind Identity nodes; None where it is none."""
        node = self.through_identity(name)
        if node.op != "Const":
            return None
        value: NDArray[Any] = tensorflow().make_ndarray(node.attr["value"].tensor)
        return value

    def with_nodes(self, nodes: Iterable[NodeDef]) -> "Graph":
        """The same ends over other nodes, less those that no output needs."""
        return self._holding(nodes).pruned()

    def pruned(self) -> "Graph":
        """Less the nodes that no output needs, in an order in which each follows what it reads."""
        seen: dict[str, NodeDef] = {}
        entered: set[str] = set()  # while loops lead back to themselves
        stack = [(name, False) for name in reversed(self.outputs)]
        while stack:
            name, ready = stack.pop()
            node = self.node(name)
            if ready:
                seen.setdefault(name, node)
            elif name not in entered:
                entered.add(name)
                stack.append((name, True))
                stack.extend((node_name(r), False) for r in node.input)
        return self._holding(seen.values())

    def _holding(self, nodes: Iterable[NodeDef]) -> "Graph":
        graph_def = tensorflow().compat.v1.GraphDef(
            node=nodes, versions=self.graph_def.versions, library=self.graph_def.library
        )
        return replace(self, graph_def=graph_def)

    def imported(self) -> Any:
        """A new `tensorflow.Graph` of it. Raises UnsupportedError where its nodes do not fit."""
        tf = tensorflow()
        with tf.Graph().as_default() as imported:
            try:
                tf.import_graph_def(self.graph_def, name="")
            except (ValueError, tf.errors.InvalidArgumentError) as error:
                raise UnsupportedError(
                    f"TensorFlow refuses the graph: {error}",
                    hint="Do the recipe's cut and preprocessing.size fit the model?",
                ) from error
        return imported

    def shapes(self) -> Mapping[str, tuple[int | None, ...] | None]:
        """The static shape of each node's first output; None where even the rank is unknown."""
        return {name: _static(tensor) for name, tensor in self._first_outputs().items()}

    def _first_outputs(self) -> Mapping[str, Any]:
        operations = self.imported().get_operations()
        return {op.name: op.outputs[0] for op in operations if op.outputs}


def _static(tensor: Any) -> tuple[int | None, ...] | None:
    return None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
