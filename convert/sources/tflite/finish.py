"""Give a written graph its final names and its outputs."""

from convert.errors import SourceError
from convert.graph.graph import Graph, NodeDef
from convert.graph.tensorflow import tensorflow
from convert.sources.tflite.names import Names
from convert.sources.tflite.network import Network


def finish(network: Network, outputs: list[int]) -> Graph:
    """The graph, less what no output needs; tensors have the file's names."""
    for index in dict.fromkeys(outputs):
        _end(network, index)
    final = _final_names(network)
    tf = tensorflow()
    written = network.graph.as_graph_def()
    graph_def = tf.compat.v1.GraphDef(versions=written.versions)
    for found in written.node:
        graph_def.node.append(_renamed(found, final))
    graph = Graph(
        graph_def=graph_def,
        inputs=tuple(network.names[index] for index in network.model.inputs),
        outputs=tuple(network.names[index] for index in dict.fromkeys(outputs)),
    ).pruned()
    used = tuple(name for name in graph.inputs if name in graph.nodes)
    if not used:
        raise SourceError(
            f"{network.model.path}: no output depends on an input",
            hint="The file is damaged: fetch it again, and compare its digest.",
        )
    return Graph(graph_def=graph.graph_def, inputs=used, outputs=graph.outputs)


def _renamed(found: NodeDef, final: dict[str, str]) -> NodeDef:
    node = tensorflow().compat.v1.NodeDef()
    node.CopyFrom(found)
    node.name = final[found.name]
    for place, reference in enumerate(found.input):
        name, colon, output = reference.partition(":")
        node.input[place] = final[name] + colon + output
    return node


def _end(network: Network, index: int) -> None:
    """A node of the output's own name, where it shares one with another tensor."""
    name = network.names[index]
    symbol = network.symbol(index)
    if symbol is None:
        raise SourceError(
            f"{network.model.path}: no operator makes the output {name!r}",
            hint="The file is damaged: fetch it again, and compare its digest.",
        )
    if network.renamed.get(symbol.op.name) == name:
        return
    with network.graph.as_default():
        end = tensorflow().raw_ops.Identity(input=symbol, name=name)
    network.renamed[end.op.name] = name
    network.symbols[index] = end


def _final_names(network: Network) -> dict[str, str]:
    """Node name while writing -> its final name; tensors come first."""
    names = Names()
    final = {found: names.take(wanted) for found, wanted in network.renamed.items()}
    for operation in network.graph.get_operations():
        if operation.name not in final:
            final[operation.name] = names.take(operation.name)
    return final
