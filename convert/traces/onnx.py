"""Every tensor of an onnx file, by ONNX Runtime with each of them as an output."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from convert.errors import RuntimeFailure, SourceError
from convert.runtimes.tensors import encode
from convert.signature import Signature, TensorSpec
from convert.traces.base import Layer, Values

_FATAL = 4
_ADDED = ("_DequantizeLinear_Output", "_QuantizeLinear_Output", "_QuantizeLinear_Input")
"""What ONNX Runtime's quantizer adds to the name of a tensor."""


def trace(path: Path) -> "OnnxTrace":
    """Load a file so that its intermediate tensors can be read.

    Raises SourceError for what is no onnx file, RuntimeFailure where ONNX Runtime refuses it.
    """
    import onnx

    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf's and onnx's errors share no base class
        raise SourceError(f"{path} is not an onnx file: {error}", hint="Fetch it again.") from error
    return OnnxTrace(model, path)


class OnnxTrace:
    """A loaded onnx file."""

    def __init__(self, model: Any, path: Path) -> None:
        """Ask for every tensor, and see which of them move with the picture."""
        self._path = path
        graph = model.graph
        self.ops = Counter(node.op_type for node in graph.node)
        weights = {one.name: one for one in graph.initializer}
        (picture, *_) = (one for one in graph.input if one.name not in weights)
        self.input = _spec(picture)
        self.ends = {one.name: one.name for one in graph.output}
        self._given = weights
        self._nodes = {out: node for node in graph.node for out in node.output if out}
        self._moving = _moving(graph.node, picture.name)
        unread = _only_quantized(graph.node)
        self._session = _session(_showing_all(model, self._nodes), path)
        self._seen: dict[str, Any] = {}
        names = [one.name for one in self._session.get_outputs()]
        real = {o.name for o in self._session.get_outputs() if o.type.endswith(("(float)", "16)"))}
        self._asked = names
        fed = Layer(name=picture.name, key=_key(picture.name), op="input", reads=())
        moving = (self._layer(name) for name in self._nodes if name in self._moving)
        self.makers = {layer.name: layer for layer in (fed, *moving)}
        shown = {picture.name, *(real - unread)}
        self.layers = tuple(one for one in self.makers.values() if one.name in shown)

    def run(self, picture: Values) -> dict[str, Values]:
        """Every layer's values by name."""
        signature = Signature(inputs=(self.input,), outputs=())
        fed = encode({self.input.name: picture}, signature)
        try:
            found = self._session.run(self._asked, fed)
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise RuntimeFailure(f"ONNX Runtime broke on {self._path}: {error}") from error
        self._seen = {**dict(zip(self._asked, found, strict=True)), **fed}
        return {one.name: np.asarray(self._seen[one.name], np.float32) for one in self.layers}

    def constant(self, name: str) -> Values | None:
        """An initializer, or what DequantizeLinear makes of one."""
        from onnx import numpy_helper

        value = self._seen.get(name) if name not in self._moving else None
        if name in self._given:
            value = numpy_helper.to_array(self._given[name])
        if value is None or value.dtype.kind != "f":
            return None
        return np.asarray(value, np.float32)

    def _layer(self, name: str) -> Layer:
        node = self._nodes[name]
        reads = tuple(read for read in node.input if read)
        return Layer(name=name, key=_key(name), op=node.op_type, reads=reads)


def _moving(nodes: Any, picture: str) -> set[str]:
    """Names of the tensors that depend on the picture."""
    moving = {picture}
    for node in nodes:
        if moving.intersection(node.input):
            moving.update(node.output)
    return moving


def _only_quantized(nodes: Any) -> set[str]:
    """Names of the tensors that nothing computes with: what follows reads them dequantized."""
    readers: dict[str, set[str]] = {}
    for node in nodes:
        for name in node.input:
            readers.setdefault(name, set()).add(node.op_type)
    return {name for name, kinds in readers.items() if kinds == {"QuantizeLinear"}}


def _showing_all(model: Any, made: dict[str, Any]) -> Any:
    import onnx

    there = {one.name for one in model.graph.output}
    more = [onnx.ValueInfoProto(name=name) for name in made if name not in there]
    model.graph.output.extend(more)
    return model


def _session(model: Any, path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    # What the file says is computed, and nothing is fused on the way.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ONNX Runtime's errors share no base class
        raise RuntimeFailure(f"ONNX Runtime cannot load {path}: {error}") from error


def _key(name: str) -> str:
    for added in _ADDED:
        name = name.removesuffix(added)
    return name.split(":")[0]


def _spec(value: Any) -> TensorSpec:
    shape = tuple(_lengths(value))
    first = len(shape) == 4 and shape[1] == 3 and shape[3] != 3
    layout: Any = ("NCHW" if first else "NHWC") if len(shape) == 4 else None
    kind: Any = _dtype(value.type.tensor_type.elem_type)
    return TensorSpec(name=value.name, dtype=kind, shape=shape, layout=layout)


def _lengths(value: Any) -> Iterator[int | None]:
    for side in value.type.tensor_type.shape.dim:
        yield side.dim_value or None


def _dtype(code: int) -> str:
    import onnx

    return str(np.dtype(onnx.helper.tensor_dtype_to_np_dtype(code)).name)
