"""Every tensor of a tflite file, by LiteRT."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from convert.errors import RuntimeFailure
from convert.quiet import quiet
from convert.runtimes.tensors import encode
from convert.signature import Quantization, Signature, TensorSpec
from convert.traces.base import Layer, Values, real


def trace(path: Path) -> "TfliteTrace":
    """Load a file so that its intermediate tensors can be read. Raises RuntimeFailure."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        with quiet():
            interpreter = Interpreter(
                model_path=str(path),
                # A delegate hides what it computes on the way.
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                experimental_preserve_all_tensors=True,
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise RuntimeFailure(f"LiteRT cannot load {path}: {error}") from error
    return TfliteTrace(interpreter, path)


class TfliteTrace:
    """A loaded tflite file."""

    def __init__(self, interpreter: Any, path: Path) -> None:
        """Read which operator makes which tensor."""
        self._interpreter, self._path = interpreter, path
        self._tensors = {int(one["index"]): one for one in interpreter.get_tensor_details()}
        self._names = _distinct(self._tensors)
        self._indices = {name: index for index, name in self._names.items()}
        operators = interpreter._get_ops_details()
        self.ops = Counter(op["op_name"] for op in operators)
        (first, *_) = interpreter.get_input_details()
        self._fed = int(first["index"])
        self.input = _spec(first, self._names[self._fed])
        self.ends = {name: self._names[i] for name, i in _outputs(interpreter).items()}
        self.makers, self._still = self._flow(operators)
        self.layers = tuple(x for x in self.makers.values() if self._is_real(self._indices[x.name]))

    def run(self, picture: Values) -> dict[str, Values]:
        """Every layer's values by name."""
        signature = Signature(inputs=(self.input,), outputs=())
        (stored,) = encode({self.input.name: picture}, signature).values()
        try:
            self._interpreter.set_tensor(self._fed, stored)
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise RuntimeFailure(f"LiteRT broke on {self._path}: {error}") from error
        return {layer.name: self._value(self._indices[layer.name]) for layer in self.layers}

    def constant(self, name: str) -> Values | None:
        """A weight, a bias, or what DEQUANTIZE makes of one."""
        index = self._still.get(name)
        return None if index is None or not self._is_real(index) else self._value(index)

    def _flow(self, operators: list[dict[str, Any]]) -> tuple[dict[str, Layer], dict[str, int]]:
        """What makes each tensor, and the index of each that does not depend on the picture."""
        made = {int(i) for op in operators for i in op["outputs"]}
        still = {index for index in self._tensors if index not in made and index != self._fed}
        layers = [self._layer(self._fed, "input", ())]
        for op in operators:
            reads = [int(i) for i in op["inputs"] if int(i) >= 0]
            outputs = [int(i) for i in op["outputs"] if int(i) in self._tensors]
            if still.issuperset(reads):
                still.update(outputs)
                continue
            layers += [self._layer(i, op["op_name"], reads) for i in outputs]
        made_by = {layer.name: layer for layer in layers}
        return made_by, {self._names[index]: index for index in still}

    def _layer(self, index: int, op: str, reads: "list[int] | tuple[()]") -> Layer:
        name = self._names[index]
        # What was fused bears the names of all its parts, the last computed first.
        key = name.split(";")[0].split(":")[0]
        read = tuple(self._names[i] for i in reads if i in self._names)
        return Layer(name=name, key=key, op=op, reads=read)

    def _is_real(self, index: int) -> bool:
        tensor = self._tensors[index]
        floating = np.dtype(tensor["dtype"]).kind == "f" or index == self._fed
        return floating or bool(tensor["quantization_parameters"]["scales"].size)

    def _value(self, index: int) -> Values:
        how = self._tensors[index]["quantization_parameters"]
        stored = self._interpreter.get_tensor(index)
        return real(stored, how["scales"], how["zero_points"], int(how["quantized_dimension"]))


def _distinct(tensors: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """Names by index; tensors that share a name are numbered."""
    names: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for index, tensor in tensors.items():
        name = str(tensor["name"])
        names[index] = f"{name}#{index}" if not name or seen[name] else name
        seen[name] += 1
    return names


def _outputs(interpreter: Any) -> dict[str, int]:
    """Indices by the signature's names, or else by the tensors'."""
    signatures = interpreter.get_signature_list()
    if not signatures:
        return {str(one["name"]): int(one["index"]) for one in interpreter.get_output_details()}
    runner = interpreter.get_signature_runner(next(iter(signatures)))
    return {name: int(one["index"]) for name, one in runner.get_output_details().items()}


def _spec(detail: Mapping[str, Any], name: str) -> TensorSpec:
    scale, zero = detail["quantization"]
    shape = tuple(int(side) for side in detail["shape"])
    kind: Any = np.dtype(detail["dtype"]).name
    return TensorSpec(
        name=name,
        dtype=kind,
        shape=shape,
        layout="NHWC" if len(shape) == 4 else None,
        quantization=Quantization(scale=scale, zero_point=zero) if scale else None,
    )
