"""A TFLite file as tensors and operators that can be changed, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.quantization import Range
from convert.targets.tflite_packing import packed


@dataclass(frozen=True, eq=False)
class Steps:
    """Affine quantization (Jacob et al., arXiv:1712.05877): value = (code - zero_point) * scale."""

    scale: NDArray[np.float32]
    """[1], or one for each place of `axis`; then the zero point is 0."""
    zero_point: int = 0
    axis: int = 0

    def quantized(self, values: NDArray[Any]) -> NDArray[np.int8]:
        """The nearest int8 codes of values (per tensor only), clipped."""
        codes = np.floor(values.astype(np.float64) / float(self.scale[0]) + 0.5) + self.zero_point
        clipped: NDArray[np.int8] = np.clip(codes, -128, 127).astype(np.int8)
        return clipped

    def times(self, factor: float) -> "Steps":
        """The same codes, standing for `factor` times the values."""
        return replace(self, scale=(self.scale * np.float32(factor)).astype(np.float32))

    @property
    def reach(self) -> Range:
        """The values of the int8 codes -128 and 127 (per tensor only)."""
        low, high = ((code - self.zero_point) * float(self.scale[0]) for code in (-128, 127))
        return low, high


@dataclass(eq=False)
class Tensor:
    """A tensor of the file; a constant where it has data."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    data: NDArray[Any] | None = None
    steps: Steps | None = None

    @property
    def moves(self) -> bool:
        """Whether it is a float32 activation."""
        return self.data is None and self.dtype == "float32"


@dataclass(eq=False)
class Op:
    """An operator; `kind` is its BuiltinOperator's name, or the name of a custom one."""

    kind: str
    inputs: list[Tensor | None]
    outputs: list[Tensor]
    options: Any = None
    """The schema's options object (Conv2DOptionsT ...), or the bytes of a custom operator's."""
    version: int = 1

    @property
    def out(self) -> Tensor:
        """Its first output."""
        return self.outputs[0]


@dataclass(eq=False)
class Network:
    """The operators in order, and the file's ends by their names in its signature."""

    ops: list[Op]
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    key: str = "serving_default"
    tensors: tuple[Tensor, ...] = ()
    """All of the file that was read, by their indices there."""

    def readers(self) -> dict[Tensor, list[Op]]:
        """The operators that read each tensor."""
        found: dict[Tensor, list[Op]] = {}
        for op in self.ops:
            for tensor in dict.fromkeys(op.inputs):
                if tensor is not None:
                    found.setdefault(tensor, []).append(op)
        return found

    def makers(self) -> dict[Tensor, Op]:
        """The operator that gives each tensor."""
        return {tensor: op for op in self.ops for tensor in op.outputs}


@cache
def _schema() -> Any:
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


@cache
def _kinds() -> Mapping[int, str]:
    return {code: name for name, code in vars(_schema().BuiltinOperator).items() if name.isupper()}


@cache
def _dtypes() -> Mapping[int, str]:
    types = vars(_schema().TensorType).items()
    return {code: name.lower() for name, code in types if name.isupper()}


def options(name: str, **values: Any) -> Any:
    """An options object of the schema, such as `Conv2DOptions`."""
    return getattr(_schema(), f"{name}T")(**values)


def read(flatbuffer: bytes) -> Network:
    """The first subgraph of a file ("TFL3") with one signature."""
    model = _schema().ModelT.InitFromPackedBuf(flatbuffer, 0)
    graph, signature = model.subgraphs[0], model.signatureDefs[0]
    tensors = [_tensor(one, model.buffers) for one in graph.tensors]
    return Network(
        ops=[_op(one, tensors, model.operatorCodes) for one in graph.operators],
        inputs={end.name.decode(): tensors[end.tensorIndex] for end in signature.inputs},
        outputs={end.name.decode(): tensors[end.tensorIndex] for end in signature.outputs},
        key=signature.signatureKey.decode(),
        tensors=tuple(tensors),
    )


def _tensor(found: Any, buffers: list[Any]) -> Tensor:
    dtype, data = _dtypes()[found.type], buffers[found.buffer].data
    shape = () if found.shape is None else tuple(int(side) for side in found.shape)
    held = None if data is None else np.asarray(data, np.uint8).view(dtype).reshape(shape)
    name = "" if found.name is None else found.name.decode()
    return Tensor(name=name, shape=shape, dtype=dtype, data=held)


def _op(found: Any, tensors: list[Tensor], codes: list[Any]) -> Op:
    code = codes[found.opcodeIndex]
    kind = _kinds()[max(code.builtinCode, code.deprecatedBuiltinCode)]
    custom = kind == "CUSTOM"
    return Op(
        kind=code.customCode.decode() if custom else kind,
        inputs=[tensors[i] if i >= 0 else None for i in found.inputs],
        outputs=[tensors[i] for i in found.outputs],
        options=bytes(found.customOptions or b"") if custom else found.builtinOptions,
        version=code.version,
    )


def write(network: Network) -> bytes:
    """The file of a network; the same bytes every time."""
    schema, writer = _schema(), _Writer()
    ops = [writer.op(op) for op in network.ops]
    ends = [
        [schema.TensorMapT(name=name, tensorIndex=writer.tensor(tensor)) for name, tensor in side]
        for side in (network.inputs.items(), network.outputs.items())
    ]
    graph = schema.SubGraphT(
        tensors=writer.tensors,
        inputs=[end.tensorIndex for end in ends[0]],
        outputs=[end.tensorIndex for end in ends[1]],
        operators=ops,
        name="main",
    )
    signature = schema.SignatureDefT(
        inputs=ends[0], outputs=ends[1], signatureKey=network.key, subgraphIndex=0
    )
    model = schema.ModelT(
        version=3,
        operatorCodes=writer.codes,
        subgraphs=[graph],
        description="convert",
        buffers=writer.buffers,
        signatureDefs=[signature],
    )
    return packed(model)


@dataclass
class _Writer:
    """Gives each tensor, buffer and kind of operator its number on first use."""

    tensors: list[Any] = field(default_factory=list)
    buffers: list[Any] = field(default_factory=lambda: [_schema().BufferT()])
    codes: list[Any] = field(default_factory=list)
    _tensor_of: dict[Tensor, int] = field(default_factory=dict)
    _buffer_of: dict[bytes, int] = field(default_factory=dict)
    _code_of: dict[tuple[str, int], int] = field(default_factory=dict)

    def op(self, op: Op) -> Any:
        schema = _schema()
        ends = {
            "opcodeIndex": self._code(op),
            "inputs": [-1 if one is None else self.tensor(one) for one in op.inputs],
            "outputs": [self.tensor(one) for one in op.outputs],
        }
        if isinstance(op.options, bytes):
            return schema.OperatorT(**ends, customOptions=list(op.options))
        if op.options is None:
            return schema.OperatorT(**ends)
        kind = getattr(schema.BuiltinOptions, type(op.options).__name__.removesuffix("T"))
        return schema.OperatorT(**ends, builtinOptionsType=kind, builtinOptions=op.options)

    def _code(self, op: Op) -> int:
        schema, key = _schema(), (op.kind, op.version)
        if key not in self._code_of:
            builtin = getattr(schema.BuiltinOperator, op.kind, schema.BuiltinOperator.CUSTOM)
            custom = op.kind if builtin == schema.BuiltinOperator.CUSTOM else None
            self._code_of[key] = len(self.codes)
            self.codes.append(
                schema.OperatorCodeT(
                    deprecatedBuiltinCode=min(builtin, 127),
                    builtinCode=builtin,
                    customCode=custom,
                    version=op.version,
                )
            )
        return self._code_of[key]

    def tensor(self, tensor: Tensor) -> int:
        """The number of a tensor."""
        if tensor not in self._tensor_of:
            self._tensor_of[tensor] = len(self.tensors)
            self.tensors.append(
                _schema().TensorT(
                    shape=list(tensor.shape),
                    type=getattr(_schema().TensorType, tensor.dtype.upper()),
                    buffer=self._buffer(tensor.data),
                    name=_shortened(tensor),
                    quantization=_parameters(tensor.steps),
                    hasRank=True,
                )
            )
        return self._tensor_of[tensor]

    def _buffer(self, data: NDArray[Any] | None) -> int:
        if data is None:
            return 0
        content = np.ascontiguousarray(data).tobytes()
        if content not in self._buffer_of:
            self._buffer_of[content] = len(self.buffers)
            self.buffers.append(_schema().BufferT(data=np.frombuffer(content, np.uint8)))
        return self._buffer_of[content]


def _shortened(tensor: Tensor) -> str:
    """A tensor's own name: a converter joins those of all that it fused, a few percent of a file.

    Constants need none.
    """
    return tensor.name.split(";")[0] if tensor.data is None else ""


def _parameters(steps: Steps | None) -> Any:
    if steps is None:
        return None
    return _schema().QuantizationParametersT(
        scale=np.asarray(steps.scale, np.float32),
        zeroPoint=np.full(len(steps.scale), steps.zero_point, np.int64),
        quantizedDimension=steps.axis,
    )
