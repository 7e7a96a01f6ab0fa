"""Loops as TensorFlow 2 writes them: While, whose condition and body are functions beside."""

from collections.abc import Mapping
from typing import Any

from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.loops.frames import holding
from convert.graph.tensorflow import tensorflow

LOOPS = ("While", "StatelessWhile")


def trips(graph: Graph) -> dict[str, tuple[str, ...]]:
    """While -> the tensor that says how often its body ran: a first variable that counts."""
    library = {f.signature.name: f for f in graph.graph_def.library.function}
    whiles = [n for n in graph.graph_def.node if n.op in LOOPS]
    return {n.name: (f"{n.name}:0",) for n in whiles if _counts(graph, n, library)}


def inlined(graph: Graph, loops: set[str]) -> Graph:
    """With the bodies of these loops taken once, as nodes `<loop>/once/<node>`."""
    library = {f.signature.name: f for f in graph.graph_def.library.function}
    nodes: list[NodeDef] = []
    given: dict[str, str] = {}
    for each in graph.graph_def.node:
        if each.name in loops and each.op in LOOPS:
            body, results = _body(each, library[each.attr["body"].func.name])
            nodes += body
            given |= {f"{each.name}:{i}": result for i, result in enumerate(results)}
        else:
            nodes.append(each)
    if not given:
        return graph
    return holding(graph, [_redirected(each, given) for each in nodes])


def _counts(graph: Graph, each: NodeDef, library: Mapping[str, Any]) -> bool:
    """Whether the first variable starts at 0 and grows by 1."""
    start = graph.constant(each.input[0])
    function = library.get(each.attr["body"].func.name)
    if start is None or start.ndim or start != 0 or function is None:
        return False
    body = _graph_of(function)
    counter = function.signature.input_arg[0].name
    step = body.through_identity(_results(function)[0])
    if step.op not in ("Add", "AddV2"):
        return False
    by = body.constant(step.input[1])
    return body.through_identity(step.input[0]).name == counter and by is not None and by == 1


def _graph_of(function: Any) -> Graph:
    """A function's body as a graph, its arguments as placeholders."""
    from tensorflow.python.framework.function_def_to_graph import function_def_to_graph_def

    graph_def, _ = function_def_to_graph_def(function)
    return Graph(graph_def=graph_def, inputs=(), outputs=())


def _results(function: Any) -> list[str]:
    """The tensors of the body that a function gives, in order."""
    from tensorflow.python.framework.function_def_to_graph import function_def_to_graph_def

    _, flat = function_def_to_graph_def(function)
    names = [function.ret[result.name] for result in function.signature.output_arg]
    return [flat[name] for name in names]


def _body(each: NodeDef, function: Any) -> tuple[list[NodeDef], list[str]]:
    """The nodes of a loop's body in the graph that it stands in, and the tensors it gives."""
    given = [r for r in each.input if not is_control(r)]
    arguments = dict(zip((a.name for a in function.signature.input_arg), given, strict=True))
    prefix = f"{each.name}/once"
    nodes = []
    for inner in _graph_of(function).graph_def.node:
        if inner.name not in arguments:
            copy = tensorflow().compat.v1.NodeDef()
            copy.CopyFrom(inner)
            copy.name = f"{prefix}/{inner.name}"
            copy.attr.pop("_class", None)  # names its neighbours as the function calls them
            del copy.input[:]
            copy.input.extend(_placed(r, prefix, arguments) for r in inner.input)
            nodes.append(copy)
    return nodes, [_placed(result, prefix, arguments) for result in _results(function)]


def _placed(reference: str, prefix: str, arguments: Mapping[str, str]) -> str:
    """A reference within a body as one of the graph around it."""
    name = node_name(reference)
    mark = "^" if is_control(reference) else ""
    if name in arguments:
        return mark + (node_name(arguments[name]) if mark else arguments[name])
    return f"{mark}{prefix}/{reference.lstrip('^')}"


def _redirected(each: NodeDef, given: Mapping[str, str]) -> NodeDef:
    """A copy that reads the bodies' tensors instead of the loops'."""
    loops = {node_name(name) for name in given}
    if not any(node_name(r) in loops for r in each.input):
        return each
    copy = tensorflow().compat.v1.NodeDef()
    copy.CopyFrom(each)
    del copy.input[:]
    # What waits for a loop waits for what it gives anyway.
    copy.input.extend(
        _followed(r, given) for r in each.input if not (is_control(r) and node_name(r) in loops)
    )
    return copy


def _followed(reference: str, given: Mapping[str, str]) -> str:
    key = reference if ":" in reference else f"{reference}:0"
    while key in given:  # a loop may give what another one gave it
        reference = given[key]
        key = reference if ":" in reference else f"{reference}:0"
    return reference
