"""Write a Graph as a SavedModel with a named serving signature, which converters read."""

from pathlib import Path

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow


def write_saved_model(graph: Graph, folder: Path) -> None:
    """A SavedModel whose `serving_default` has the graph's own input and output names."""
    tf = tensorflow()
    wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph.graph_def, name=""), [])
    feeds = [wrapped.graph.get_tensor_by_name(f"{name}:0") for name in graph.inputs]
    fetches = {name: wrapped.graph.get_tensor_by_name(f"{name}:0") for name in graph.outputs}
    pruned = wrapped.prune(feeds, fetches)
    specs = [
        tf.TensorSpec(feed.shape, feed.dtype, name=name)
        for name, feed in zip(graph.inputs, feeds, strict=True)
    ]
    module = tf.Module()
    module.serve = tf.function(lambda *arrays: pruned(*arrays), input_signature=specs)
    signatures = {"serving_default": module.serve.get_concrete_function()}
    tf.saved_model.save(module, str(folder), signatures=signatures)
