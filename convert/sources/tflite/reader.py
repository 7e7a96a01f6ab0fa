"""Read a TFLite file into a float graph, operator by operator."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convert.errors import ConvertError, SourceError, UnsupportedError
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.sources.tflite.cut_off import CUT_OFF, CutOff
from convert.sources.tflite.emit import Site
from convert.sources.tflite.entries import schema
from convert.sources.tflite.finish import finish
from convert.sources.tflite.flatbuffer import parse
from convert.sources.tflite.model import Operator, Tensor
from convert.sources.tflite.names import Names, node_names, real_node
from convert.sources.tflite.network import Network, Symbol
from convert.sources.tflite.ranges import Range, held, range_of
from convert.sources.tflite.table import OPERATORS
from convert.sources.tflite.tensors import dtype_of

_BROKEN = (ValueError, IndexError, OverflowError, ZeroDivisionError, MemoryError)


@dataclass(frozen=True, kw_only=True)
class TfliteModel:
    """What is read of a file."""

    graph: Graph
    """Float32, its ends named as the file names them. A quantized uint8 input is a uint8
    placeholder; other quantized ends are in real units."""
    cut_off: CutOff | None
    """What the file does after the graph's outputs, where that is no graph of TensorFlow's."""
    ranges: Mapping[str, Range]
    """Node -> the range of its values, where the file is quantized."""


def read_tflite(path: Path, *, keep_ranges: bool = False) -> TfliteModel:
    """The float graph of a file; with `keep_ranges`, its activations are held to their steps.

    Raises SourceError where the file is damaged, UnsupportedError where it is whole but holds an
    operator that is not read.
    """
    model = parse(path)
    names = Names()
    network = Network(
        model=model,
        names=node_names(model, names),
        graph=tensorflow().Graph(),
        keep_ranges=keep_ranges,
    )
    try:
        with network.graph.as_default():
            return _read(network)
    except ConvertError as error:
        raise type(error)(_placed(path, error.message), hint=error.hint) from error


def _placed(path: Path, says: str) -> str:
    return says if says.startswith(str(path)) else f"{path}: {says}"


def _read(network: Network) -> TfliteModel:
    model = network.model
    for index in model.inputs:
        _place(network, model.tensors[index])
    outputs, cut_off = list(model.outputs), None
    for operator in model.operators:
        if operator.custom and operator.kind in CUT_OFF:
            site = Site(operator=operator, network=network, options=None)
            cut_off = CUT_OFF[operator.kind](site)
            outputs = _ends_before(network, operator, outputs)
        else:
            _write(network, operator)
    graph = finish(network, outputs)
    made = {network.names[i]: range_of(model.tensors[i]) for i in network.symbols}
    ranges = {n: r for n, r in made.items() if r is not None and n in graph.nodes}
    return TfliteModel(graph=graph, cut_off=cut_off, ranges=ranges)


def _place(network: Network, tensor: Tensor) -> None:
    """A placeholder, followed by the way to real units where it takes a picture's bytes."""
    tf = tensorflow()
    name = network.names[tensor.index]
    stored = tensor.kind == "UINT8" and tensor.steps is not None
    dtype = np.uint8 if stored else dtype_of(tensor)
    placed = tf.compat.v1.placeholder(dtype, tensor.shape, name=name)
    network.renamed[placed.op.name] = name
    network.symbols[tensor.index] = placed
    if stored:
        real = _real(tensor, placed, name)
        network.renamed[real.op.name] = real_node(name)
        network.symbols[tensor.index] = real


def _real(tensor: Tensor, placed: Symbol, name: str) -> Symbol:
    """The node of scale * (stored - zero_point)."""
    tf = tensorflow()
    steps = tensor.steps
    if steps is None or steps.scale.size > 1:
        raise UnsupportedError(
            f"the input {name!r} is quantized by channels",
            hint="Inputs of one scale are read.",
        )
    stored = tf.raw_ops.Cast(x=placed, DstT=tf.float32, name=f"{name}/Cast")
    moved = tf.raw_ops.Sub(x=stored, y=np.float32(steps.zero_point[0]), name=f"{name}/Sub")
    return tf.raw_ops.Mul(x=moved, y=steps.scale[0], name=real_node(name))


def _ends_before(network: Network, operator: Operator, outputs: list[int]) -> list[int]:
    """The outputs with what a cut-off operator reads in the place of what it makes."""
    read = [i for i in operator.inputs if i >= 0 and network.value(i) is None]
    return [*read, *(i for i in outputs if i not in operator.outputs)]


def _write(network: Network, operator: Operator) -> None:
    """An operator's nodes, and the names of what it makes."""
    row = OPERATORS.get(operator.kind)
    if row is None:
        raise _unknown(network, operator)
    site = Site(operator=operator, network=network, options=_options(operator, row.options))
    try:
        made = row.write(site)
        made = made if isinstance(made, list) else [made]
        for index, result in zip(operator.outputs, made, strict=True):
            if index >= 0:
                _bind(site, network.model.tensors[index], result)
    except _BROKEN as error:
        raise site.damaged(f"does not fit its tensors: {error}") from error


def _options(operator: Operator, wanted: str | None) -> Any:
    """The operator's options; their defaults where the file leaves them out."""
    if wanted is None:
        return None
    kind = getattr(schema(), f"{wanted}T")
    if operator.options is None:
        return kind()
    if not isinstance(operator.options, kind):
        found = type(operator.options).__name__
        raise SourceError(
            f"operator {operator.kind} (number {operator.position}) has options of another "
            f"kind: {found}",
            hint="The file is damaged: fetch it again, and compare its digest.",
        )
    return operator.options


def _unknown(network: Network, operator: Operator) -> UnsupportedError:
    site = Site(operator=operator, network=network, options=None)
    return UnsupportedError(
        f"{network.model.path}: {site.place} is not among those that are read",
        hint="Convert the model from the format that it was trained in, or cut it before there.",
    )


def _bind(site: Site, tensor: Tensor, result: Any) -> None:
    """Say what a tensor is in the graph, and check it against what the file says of it."""
    network = site.network
    if isinstance(result, np.ndarray):
        network.constants[tensor.index] = result
        return
    if len(result.op.outputs) > 1:
        result = site.add("Identity", input=result)
    if network.keep_ranges:
        result = held(site, tensor, result)
    _check(site, tensor, result)
    network.symbols[tensor.index] = result
    if result.op.name not in network.renamed:
        network.renamed[result.op.name] = network.names[tensor.index]


def _check(site: Site, tensor: Tensor, result: Symbol) -> None:
    """The dtype, and the shape where the file has one: a damaged operator makes another."""
    shape = tensor.shape if tensor.shape else None
    if not result.shape.is_compatible_with(shape):
        raise site.damaged(f"makes {result.shape} where the file says {list(tensor.shape)}")
    if result.dtype.as_numpy_dtype != dtype_of(tensor):
        raise site.damaged(f"makes {result.dtype.name} where the file says {tensor.kind}")
