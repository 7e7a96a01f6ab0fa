"""Read a TFLite file as a network, and write a network as a file."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.targets.tflite_integer.network import Network, Op, Steps, Tensor
from convert.targets.tflite_integer.schema import dtypes, kinds, schema
from convert.targets.tflite_packing import packed


def read(flatbuffer: bytes) -> Network:
    """The first subgraph of a file ("TFL3") with one signature."""
    model = schema().ModelT.InitFromPackedBuf(flatbuffer, 0)
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
    dtype, data = dtypes()[found.type], buffers[found.buffer].data
    shape = () if found.shape is None else tuple(int(side) for side in found.shape)
    held = None if data is None else np.asarray(data, np.uint8).view(dtype).reshape(shape)
    name = "" if found.name is None else found.name.decode()
    return Tensor(name=name, shape=shape, dtype=dtype, data=held)


def _op(found: Any, tensors: list[Tensor], codes: list[Any]) -> Op:
    code = codes[found.opcodeIndex]
    kind = kinds()[max(code.builtinCode, code.deprecatedBuiltinCode)]
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
    classes, writer = schema(), _Writer()
    ops = [writer.op(op) for op in network.ops]
    ends = [
        [classes.TensorMapT(name=name, tensorIndex=writer.tensor(tensor)) for name, tensor in side]
        for side in (network.inputs.items(), network.outputs.items())
    ]
    graph = classes.SubGraphT(
        tensors=writer.tensors,
        inputs=[end.tensorIndex for end in ends[0]],
        outputs=[end.tensorIndex for end in ends[1]],
        operators=ops,
        name="main",
    )
    signature = classes.SignatureDefT(
        inputs=ends[0], outputs=ends[1], signatureKey=network.key, subgraphIndex=0
    )
    model = classes.ModelT(
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
    buffers: list[Any] = field(default_factory=lambda: [schema().BufferT()])
    codes: list[Any] = field(default_factory=list)
    _tensor_of: dict[Tensor, int] = field(default_factory=dict)
    _buffer_of: dict[bytes, int] = field(default_factory=dict)
    _code_of: dict[tuple[str, int], int] = field(default_factory=dict)

    def op(self, op: Op) -> Any:
        classes = schema()
        ends = {
            "opcodeIndex": self._code(op),
            "inputs": [-1 if one is None else self.tensor(one) for one in op.inputs],
            "outputs": [self.tensor(one) for one in op.outputs],
        }
        if isinstance(op.options, bytes):
            return classes.OperatorT(**ends, customOptions=list(op.options))
        if op.options is None:
            return classes.OperatorT(**ends)
        kind = getattr(classes.BuiltinOptions, type(op.options).__name__.removesuffix("T"))
        return classes.OperatorT(**ends, builtinOptionsType=kind, builtinOptions=op.options)

    def _code(self, op: Op) -> int:
        classes, key = schema(), (op.kind, op.version)
        if key not in self._code_of:
            builtin = getattr(classes.BuiltinOperator, op.kind, classes.BuiltinOperator.CUSTOM)
            custom = op.kind if builtin == classes.BuiltinOperator.CUSTOM else None
            self._code_of[key] = len(self.codes)
            self.codes.append(
                classes.OperatorCodeT(
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
                schema().TensorT(
                    shape=list(tensor.shape),
                    type=getattr(schema().TensorType, tensor.dtype.upper()),
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
            self.buffers.append(schema().BufferT(data=np.frombuffer(content, np.uint8)))
        return self._buffer_of[content]


def _shortened(tensor: Tensor) -> str:
    """A tensor's own name: a converter joins those of all that it fused, a few percent of a file.

    Constants need none.
    """
    return tensor.name.split(";")[0] if tensor.data is None else ""


def _parameters(steps: Steps | None) -> Any:
    if steps is None:
        return None
    return schema().QuantizationParametersT(
        scale=np.asarray(steps.scale, np.float32),
        zeroPoint=np.full(len(steps.scale), steps.zero_point, np.int64),
        quantizedDimension=steps.axis,
    )
