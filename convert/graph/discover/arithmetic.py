"""Links that change values and axes, not the picture's size."""

import numpy as np

from convert.graph.discover.chain import Link
from convert.graph.discover.probe import Array, noise
from convert.graph.discover.reading import SMALL, Effect, Place
from convert.graph.discover.values import Triple, Values, fitted, per_channel, tidy
from convert.graph.graph import is_control, node_name
from convert.graph.tensorflow import tensorflow

_NONE: Triple = (0.0, 0.0, 0.0)
_ONE: Triple = (1.0, 1.0, 1.0)
_COMMUTATIVE = frozenset({"Add", "AddV2", "Mul", "BiasAdd"})
_PIXEL_TYPES = frozenset({"float32", "float16", "float64", "int32", "bfloat16"})


def passes(place: Place, link: Link, values: Values) -> Effect | None:
    """Identity and its like."""
    return Effect(values=values)


def casts(place: Place, link: Link, values: Values) -> Effect | None:
    """Cast, to a type that still holds what it is given."""
    tf = tensorflow()
    old, new = (tf.as_dtype(link.node.attr[key].type) for key in ("SrcT", "DstT"))
    if new.name not in _PIXEL_TYPES or (old.is_floating and not new.is_floating):
        return None
    return Effect(values=values, says=f"casts {old.name} to {new.name}")


def reranks(place: Place, link: Link, values: Values) -> Effect | None:
    """Squeeze, ExpandDims, Reshape, `[newaxis]`: the batch's axis goes or comes."""
    old, new = place.shape(link.source), place.shape(link.node.name)
    if old == new:
        return Effect(values=values)
    if old == (1, *new) and values.axes[0] == "N":
        says = "takes the picture out of its batch"
        return Effect(values=_with(values, values.axes[1:]), says=says)
    if new == (1, *old) and "N" not in values.axes:
        return Effect(values=_with(values, "N" + values.axes), says="makes it a batch of one")
    return None


def transposes(place: Place, link: Link, values: Values) -> Effect | None:
    """Transpose by a constant order."""
    order = place.operand(link, 1)
    if order is None:
        return None
    axes = "".join(values.axes[int(i)] for i in order)
    return Effect(values=_with(values, axes), says=f"turns {values.axes} into {axes}")


def computes(place: Place, link: Link, values: Values) -> Effect | None:
    """Sub, Add, Mul, RealDiv and their like, with a constant."""
    references = [r for r in link.node.input if not is_control(r)]
    first = node_name(references[0]) == link.source
    found = place.operand(link, 1 if first else 0)
    constant = None if found is None else per_channel(found, _axes(link, values))
    if constant is None or not (first or link.node.op in _COMMUTATIVE | {"Sub"}):
        return None
    effect = _effect(link.node.op, constant, first)
    if effect is None:
        return None
    gain, offset, says = effect
    made = values.moved(gain, offset)
    return Effect(values=made, says="" if made == values else f"{says} {_written(constant)}")


def _axes(link: Link, values: Values) -> str:
    """BiasAdd's operand is one value per channel, wherever the channels stand."""
    return "C" if link.node.op == "BiasAdd" else values.axes


def _effect(op: str, constant: Triple, first: bool) -> tuple[Triple, Triple, str] | None:
    """Gain, offset and a verb; `first`: the pixels are the first operand."""
    red, green, blue = constant
    if op == "Sub":
        if first:
            return _ONE, (-red, -green, -blue), "subtracts"
        return (-1.0, -1.0, -1.0), constant, "is subtracted from"
    if op in ("Add", "AddV2", "BiasAdd"):
        return _ONE, constant, "adds"
    if 0 in constant:
        return None
    if op == "Mul":
        return constant, _NONE, "multiplies by"
    return (1 / red, 1 / green, 1 / blue), _NONE, "divides by"


def _written(constant: Triple) -> str:
    """A constant as one figure where the channels agree; small ones as 1/x beside."""
    figures = [f"{tidy(value, zero=0.0):g}" for value in constant]
    same = len(set(figures)) == 1
    text = figures[0] if same else f"({', '.join(figures)})"
    inverse = 1 / constant[0] if same and 0 < abs(constant[0]) < 1 / 16 else 0
    return f"{text} (1/{tidy(inverse):g})" if inverse else text


def reverses(place: Place, link: Link, values: Values) -> Effect | None:
    """ReverseV2 and GatherV2 over the channels."""
    found = place.operand(link, 1)
    if found is None or place.shape(link.source) != place.shape(link.node.name):
        return None
    rank, channel = len(values.axes), values.axes.index("C")
    if link.node.op == "ReverseV2":
        axes = {int(axis) % rank for axis in found.ravel()}
        return _swapped(values, (2, 1, 0)) if axes == {channel} else None
    axis = place.operand(link, 2)
    if axis is None or int(axis) % rank != channel or sorted(found.ravel()) != [0, 1, 2]:
        return None
    return _swapped(values, tuple(int(i) for i in found.ravel()))


def _swapped(values: Values, order: tuple[int, ...]) -> Effect:
    made = values.permuted(order)
    says = f"puts the channels into the order {made.channels or made.source}"
    missing = None if made.channels else f"{says}, which is neither RGB nor BGR"
    return Effect(values=made, says=says, missing=missing)


def recombines(place: Place, link: Link, values: Values) -> Effect | None:
    """A block that takes the channels apart and puts them together: read by running it."""
    image = noise(place.probe.allowed(SMALL[0]))
    arrays = place.probe.run(image, [link.source, link.node.name])
    if arrays is None or arrays[0].shape != arrays[1].shape:
        return None
    found = fitted(*(_pixels(array, values.axes) for array in arrays))
    if found is None:
        return None
    order, gain, offset = found
    made = values.permuted(order).moved(gain, offset)
    says = f"{len(link.nodes)} nodes take the channels apart and together again: "
    says += f"order {order}, times {_written(gain)}, plus {_written(offset)}"
    missing = None if made.channels else "the channels end up neither as RGB nor as BGR"
    return Effect(values=made, says=says, missing=missing)


def _pixels(array: Array, axes: str) -> Array:
    """[P, 3]."""
    turned: Array = np.moveaxis(array, axes.index("C"), -1)
    return turned.reshape(-1, turned.shape[-1])


def _with(values: Values, axes: str) -> Values:
    return Values(axes=axes, gain=values.gain, offset=values.offset, source=values.source)
