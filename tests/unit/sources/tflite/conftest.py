"""TFLite files of one operator, written by the schema's own classes, and LiteRT to judge by."""

from dataclasses import dataclass, field
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from convert.graph.run import function
from convert.sources.tflite.reader import read_tflite

KINDS = {
    np.dtype(np.float32): "FLOAT32",
    np.dtype(np.float16): "FLOAT16",
    np.dtype(np.uint8): "UINT8",
    np.dtype(np.int8): "INT8",
    np.dtype(np.int16): "INT16",
    np.dtype(np.int32): "INT32",
    np.dtype(np.int64): "INT64",
    np.dtype(np.bool_): "BOOL",
}


@dataclass(kw_only=True)
class Tensor:
    """A tensor of the file; an array that is `fed` is an input, another a constant."""

    array: np.ndarray
    fed: bool = False
    steps: tuple | None = None
    """(scales, zero points, axis)."""
    sparsity: object = None
    name: str | None = None


def fed(array, steps=None):
    return Tensor(array=np.asarray(array), fed=True, steps=steps)


@dataclass(kw_only=True)
class Op:
    """An operator: its kind, the numbers of its inputs and outputs, its options."""

    kind: str
    inputs: tuple
    outputs: tuple
    options: object = None
    custom: bytes | None = None
    version: int = 1


@dataclass(kw_only=True)
class File:
    """What a file holds; `made` are the dtypes (and steps and shapes) of what operators make."""

    tensors: list
    operators: list
    made: list = field(default_factory=list)
    outputs: tuple = ()
    signature: dict | None = None

    def bytes(self) -> bytes:
        model = schema.ModelT()
        model.version, model.buffers = 3, [schema.BufferT()]
        graph = schema.SubGraphT()
        graph.tensors = [self._tensor(model, i, t) for i, t in enumerate(self.tensors)]
        graph.tensors += [_made(i, *one) for i, one in enumerate(self.made)]
        graph.inputs = [i for i, t in enumerate(self.tensors) if isinstance(t, Tensor) and t.fed]
        first = len(self.tensors)
        graph.outputs = list(self.outputs or range(first, first + len(self.made)))
        model.operatorCodes = [_code(op) for op in self.operators]
        graph.operators = [_operator(i, op) for i, op in enumerate(self.operators)]
        model.subgraphs = [graph]
        if self.signature:
            model.signatureDefs = [_signature(graph, **self.signature)]
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _tensor(self, model, index, given):
        given = given if isinstance(given, Tensor) else Tensor(array=np.asarray(given))
        tensor = schema.TensorT()
        tensor.name = given.name or f"given_{index}"
        tensor.shape = list(given.array.shape)
        tensor.type = getattr(schema.TensorType, KINDS[given.array.dtype])
        tensor.quantization = _quantization(given.steps)
        tensor.sparsity = None
        if not given.fed:
            data = given.array.tobytes()
            if given.sparsity is not None:
                tensor.sparsity, data, tensor.shape = given.sparsity
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data, np.uint8)
            model.buffers.append(buffer)
            tensor.buffer = len(model.buffers) - 1
        return tensor


def _made(index, dtype, steps=None, shape=()):
    tensor = schema.TensorT()
    tensor.name, tensor.shape = f"made_{index}", list(shape)
    tensor.type = getattr(schema.TensorType, KINDS[np.dtype(dtype)])
    tensor.quantization = _quantization(steps)
    return tensor


def _quantization(steps):
    if steps is None:
        return None
    made = schema.QuantizationParametersT()
    scales, zeros, axis = (*steps, 0)[:3]
    made.scale = np.atleast_1d(np.asarray(scales, np.float32))
    made.zeroPoint = np.broadcast_to(np.asarray(zeros, np.int64), made.scale.shape).copy()
    made.quantizedDimension = axis
    return made


def _code(op):
    code = schema.OperatorCodeT()
    builtin = getattr(schema.BuiltinOperator, "CUSTOM" if op.custom is not None else op.kind)
    code.builtinCode, code.deprecatedBuiltinCode = builtin, min(builtin, 127)
    code.customCode = op.kind if op.custom is not None else None
    code.version = op.version
    return code


def _operator(index, op):
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = index, list(op.inputs), list(op.outputs)
    if op.options is not None:
        made.builtinOptions = op.options
        name = type(op.options).__name__.removesuffix("T")
        made.builtinOptionsType = getattr(schema.BuiltinOptions, name)
    if op.custom is not None:
        made.customOptions = np.frombuffer(op.custom, np.uint8)
    return made


def _signature(graph, inputs, outputs):
    made = schema.SignatureDefT()
    made.signatureKey, made.subgraphIndex = "serving_default", 0
    pairs = (inputs, graph.inputs), (outputs, graph.outputs)
    made.inputs, made.outputs = ([_entry(*e) for e in zip(*pair, strict=True)] for pair in pairs)
    return made


def _entry(name, index):
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name, index
    return entry


def options(kind, **values):
    """An options table of the schema."""
    made = getattr(schema, f"{kind}OptionsT")()
    for name, value in values.items():
        assert hasattr(made, name), name
        setattr(made, name, value)
    return made


def by_litert(path, arrays):
    """What LiteRT makes of the inputs, in the units of the graph."""
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    for detail, array in zip(interpreter.get_input_details(), arrays, strict=True):
        interpreter.set_tensor(detail["index"], array)
    interpreter.invoke()
    return [_real(interpreter, detail) for detail in interpreter.get_output_details()]


def _real(interpreter, detail):
    found = interpreter.get_tensor(detail["index"])
    scale, zero = detail["quantization"]
    return (found.astype(np.float32) - zero) * np.float32(scale) if scale else found


def input_steps(path):
    """The scale and the zero point of a file's only input."""
    (detail,) = Interpreter(str(path)).get_input_details()
    return detail["quantization"]


def by_graph(path, arrays, **how):
    """What the graph that is read makes of the same."""
    return function(read_tflite(path, **how).graph)(*arrays)


def same(path, arrays, bound=1e-5):
    """Both make the same, up to a share of the answer's range."""
    for found, wanted in zip(by_graph(path, arrays), by_litert(path, arrays), strict=True):
        assert found.shape == wanted.shape
        assert found.dtype == wanted.dtype
        if wanted.dtype.kind != "f":
            np.testing.assert_array_equal(found, wanted)
        else:
            span = (
                float(np.ptp(wanted)) if wanted.size > 1 else float(np.abs(wanted).max(initial=0))
            )
            assert np.abs(found - wanted).max(initial=0) <= bound * max(span, 1e-3)


class Tools:
    """What the tests use."""

    File, Op, Tensor = File, Op, Tensor
    fed, options = staticmethod(fed), staticmethod(options)
    input_steps = staticmethod(input_steps)
    by_litert, by_graph, same = (staticmethod(f) for f in (by_litert, by_graph, same))

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, file: File) -> Path:
        path = self.folder / "model.tflite"
        path.write_bytes(file.bytes())
        return path

    def one(self, kind, *tensors, made=(np.float32,), custom=None, version=1, options=None):
        """A file of one operator that reads all tensors (None: left out) and makes `made`."""
        given = [t for t in tensors if t is not None]
        numbers = iter(range(len(given)))
        inputs = tuple(-1 if t is None else next(numbers) for t in tensors)
        outputs = tuple(range(len(given), len(given) + len(made)))
        op = Op(
            kind=kind,
            inputs=inputs,
            outputs=outputs,
            options=options,
            custom=custom,
            version=version,
        )
        pairs = [one if isinstance(one, tuple) else (one,) for one in made]
        return self.write(File(tensors=given, operators=[op], made=pairs))

    def prove(self, kind, *tensors, bound=1e-5, **how):
        """The operator gives what LiteRT gives."""
        path = self.one(kind, *tensors, **how)
        arrays = [t.array for t in tensors if isinstance(t, Tensor) and t.fed]
        same(path, arrays, bound)


@pytest.fixture
def tools(tmp_path):
    return Tools(tmp_path)


@pytest.fixture
def rng():
    return np.random.default_rng(3)
