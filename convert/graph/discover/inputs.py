"""The placeholders of a graph: which takes the picture, and which training left behind."""

from dataclasses import dataclass
from typing import Any

from convert.anatomy import GraphInput, Role, Shape
from convert.errors import UnsupportedError
from convert.graph.discover.flow import PLACEHOLDERS, Flow
from convert.graph.graph import Graph, NodeDef
from convert.graph.tensorflow import tensorflow

Fixed = bool | int | float | None

_PICTURE_DTYPES = frozenset({"uint8", "float32", "float16", "int32"})
_PICTURE_WORDS = ("image", "input", "picture", "pixels")
_SAYS: dict[Role, str] = {
    "switch": "a switch of training, set to {fixed}",
    "keep_probability": "dropout's probability, set to {fixed}, so that nothing is dropped",
    "batch_size": "the batch's size, set to {fixed}",
    "setting": "a setting, left at its default",
    "other": "no picture, and nothing of training that is known",
}


def find_inputs(graph: Graph, name: str | None = None) -> tuple[GraphInput, ...]:
    """Every placeholder, the picture (the likeliest one, or the one of `name`) first.

    Raises UnsupportedError where none takes an RGB picture.
    """
    placed = [node for node in graph.graph_def.node if node.op in PLACEHOLDERS]
    chosen = graph.node(name) if name else _likeliest(graph, placed)
    others = [_leftover(graph, node) for node in placed if node.name != chosen.name]
    return (_picture(chosen), *others)


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """What a placeholder's attributes say."""

    dtype: str
    shape: Shape | None


def _read(node: NodeDef) -> _Placed:
    dtype = tensorflow().as_dtype(node.attr["dtype"].type).name
    proto = node.attr["shape"].shape
    if proto.unknown_rank or "shape" not in node.attr:
        return _Placed(dtype=dtype, shape=None)
    return _Placed(dtype=dtype, shape=tuple(d.size if d.size >= 0 else None for d in proto.dim))


def _likeliest(graph: Graph, placed: list[NodeDef]) -> NodeDef:
    scored = [(_likeliness(graph, node), node) for node in placed]
    best = max((score for score, _ in scored), default=0)
    if best <= 0:
        raise _no_picture(graph, placed)
    return next(node for score, node in scored if score == best)


def _likeliness(graph: Graph, node: NodeDef) -> int:
    """0 for a placeholder that cannot take an RGB picture."""
    facts = _read(node)
    if facts.dtype not in _PICTURE_DTYPES or not Flow(graph=graph, picture=node.name).weighted:
        return 0
    if not may_be_picture(facts.shape):
        return 0
    named = any(word in node.name.lower() for word in _PICTURE_WORDS)
    return 1 + 2 * named + 4 * (facts.dtype == "uint8") + 8 * (facts.shape is not None)


def may_be_picture(shape: Shape | None) -> bool:
    """Whether a placeholder of this shape can take an RGB picture, or a batch of them."""
    if shape is None or len(shape) == 0:  # TensorFlow 1.0 wrote [] for an unknown shape
        return shape is None
    if len(shape) == 3:
        return shape[2] == 3
    return len(shape) == 4 and (shape[3] in (3, None) or shape[1] == 3)


def _no_picture(graph: Graph, placed: list[NodeDef]) -> UnsupportedError:
    found = ", ".join(f"{n.name} {_described(_read(n))}" for n in placed) or "no placeholder at all"
    decoders = [n.name for n in graph.graph_def.node if n.op.startswith("Decode")]
    hint = "convert takes models that read one RGB picture: rank 4, three channels."
    if decoders:
        hint = (
            f"It decodes the picture's file itself ({decoders[0]!r}): freeze it again from "
            f"{decoders[0]!r} on, with a placeholder of shape [1, height, width, 3] in its place."
        )
    return UnsupportedError(f"the graph has no input that takes an RGB picture: {found}", hint=hint)


def _described(facts: _Placed) -> str:
    if facts.shape is None:
        return f"{facts.dtype} of unknown shape"
    return f"{facts.dtype} [{', '.join('?' if d is None else str(d) for d in facts.shape)}]"


def _picture(node: NodeDef) -> GraphInput:
    facts = _read(node)
    free = tuple(i for i, size in enumerate(facts.shape or ()) if size is None)
    says = f"the picture, {_described(facts)}"
    if free:
        axes = _axes(facts.shape or ())
        says += f"; free: {', '.join(axes[i] for i in free)}"
    return GraphInput(
        name=node.name, dtype=facts.dtype, shape=facts.shape, free=free, role="picture", says=says
    )


def _axes(shape: Shape) -> tuple[str, ...]:
    whole = ("batch", "height", "width", "channels")
    if len(shape) < len(whole):
        return whole[1:]
    channels_first = shape[1] == 3 and shape[3] != 3
    return ("batch", "channels", "height", "width") if channels_first else whole


def _leftover(graph: Graph, node: NodeDef) -> GraphInput:
    facts = _read(node)
    role, fixed = _role(graph, node, facts)
    return GraphInput(
        name=node.name,
        dtype=facts.dtype,
        shape=facts.shape,
        free=tuple(i for i, size in enumerate(facts.shape or ()) if size is None),
        role=role,
        fixed=fixed,
        says=_SAYS[role].format(fixed=fixed),
    )


def _role(graph: Graph, node: NodeDef, facts: _Placed) -> tuple[Role, Fixed]:
    """What a placeholder that takes no picture is for, and the value that it gets."""
    if facts.shape:
        return "other", None
    name = node.name.lower()
    if facts.dtype == "bool":
        return "switch", False
    if facts.dtype in ("int32", "int64") and "batch" in name:
        return "batch_size", 1
    if facts.dtype in ("float32", "float16", "float64"):
        if "keep" in name:
            return "keep_probability", 1.0
        if "drop" in name or "rate" in name:
            return "keep_probability", 0.0
    if node.op == "PlaceholderWithDefault":
        return "setting", _default(graph, node)
    return "other", None


def _default(graph: Graph, node: NodeDef) -> Any:
    value = graph.constant(node.input[0])
    is_number = value is not None and not value.ndim and value.dtype.kind in "biuf"
    return value.item() if value is not None and is_number else None
