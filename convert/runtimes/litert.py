"""tflite files on LiteRT, on the CPU; it hands what it can to XNNPACK by itself."""

import math
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from convert.errors import RuntimeFailure
from convert.quiet import quiet
from convert.runtimes.base import Array, SessionFacts
from convert.runtimes.installed import why_not
from convert.runtimes.matching import named, require
from convert.runtimes.tensors import decode, encode
from convert.signature import Quantization, Signature, TensorSpec
from convert.vocabulary import Target

NAME = "litert"
TARGET: Target = "tflite"
MEASURED = True

Details = Mapping[str, Any]
"""What LiteRT tells of one tensor (name, index, shape, dtype, quantization) or one op."""


def missing() -> str | None:
    """Why LiteRT cannot run here, or None."""
    return why_not("ai_edge_litert.interpreter", "ai-edge-litert")


def version() -> str:
    """The version of ai-edge-litert."""
    return metadata.version("ai-edge-litert")


def open_session(path: Path, signature: Signature, threads: int) -> "LiteRTSession":
    """Load a tflite file. Raises RuntimeFailure where LiteRT or the signature refuses it."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        with quiet():
            interpreter = Interpreter(model_path=str(path), num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise RuntimeFailure(f"LiteRT cannot load {path}: {error}") from error
    return LiteRTSession(interpreter, path, signature, threads)


class LiteRTSession:
    """A loaded tflite file."""

    def __init__(self, interpreter: Any, path: Path, signature: Signature, threads: int) -> None:
        """Match the signature's names, dtypes and shapes with the file's tensors."""
        self._interpreter, self._path, self._signature = interpreter, path, signature
        inputs, outputs = _named(interpreter)
        self._inputs = {spec.name: _index(inputs, spec, path) for spec in signature.inputs}
        self._outputs = {spec.name: _index(outputs, spec, path) for spec in signature.outputs}
        ops = interpreter._get_ops_details()
        total = sum(op["op_name"] != "DELEGATE" for op in ops)
        self.facts = SessionFacts(
            threads=threads, delegated_ops=delegated_ops(ops), total_ops=total
        )

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Quantize the inputs where the file is quantized, and set them."""
        for name, array in encode(inputs, self._signature).items():
            self._interpreter.set_tensor(self._inputs[name], array)

    def invoke(self) -> None:
        """Run once on what is loaded."""
        try:
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise RuntimeFailure(f"LiteRT broke on {self._path}: {error}") from error

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once, float32 NHWC to float32 NHWC."""
        self.load(inputs)
        self.invoke()
        found = {name: self._interpreter.get_tensor(i) for name, i in self._outputs.items()}
        return decode(found, self._signature)


def taken_ops(path: Path) -> frozenset[int]:
    """The positions of a file's ops that XNNPACK runs. Raises RuntimeFailure where LiteRT fails."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        with quiet():
            interpreter = Interpreter(model_path=str(path), num_threads=1)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise RuntimeFailure(f"LiteRT cannot load {path}: {error}") from error
    return _taken(interpreter._get_ops_details())


def delegated_ops(ops: Sequence[Details]) -> int:
    """How many of a file's ops its delegates run, of LiteRT's list after delegation."""
    return len(_taken(ops))


def _taken(ops: Sequence[Details]) -> frozenset[int]:
    """The positions of the ops that delegates run.

    The list keeps the file's ops and adds a DELEGATE for each part that was taken; the part lies
    between that DELEGATE's outputs and its inputs.
    """
    maker = {int(t): op for op in ops if op["op_name"] != "DELEGATE" for t in op["outputs"]}
    taken: set[int] = set()
    for delegate in (op for op in ops if op["op_name"] == "DELEGATE"):
        fed = {int(tensor) for tensor in delegate["inputs"]}
        waiting = [int(tensor) for tensor in delegate["outputs"]]
        while waiting:
            tensor = waiting.pop()
            op = maker.get(tensor)
            if op is None or tensor in fed or op["index"] in taken:
                continue
            taken.add(op["index"])
            waiting.extend(int(read) for read in op["inputs"])
    return frozenset(taken)


def _named(interpreter: Any) -> tuple[dict[str, Details], dict[str, Details]]:
    """Inputs and outputs by their names in the file's signature, or else by tensor name."""
    signatures = interpreter.get_signature_list()
    if not signatures:
        details = (interpreter.get_input_details(), interpreter.get_output_details())
        inputs, outputs = ({one["name"]: one for one in side} for side in details)
        return inputs, outputs
    key = "serving_default" if "serving_default" in signatures else next(iter(signatures))
    runner = interpreter.get_signature_runner(key)
    return runner.get_input_details(), runner.get_output_details()


def _index(found: Mapping[str, Details], spec: TensorSpec, path: Path) -> int:
    """The index of a signature's tensor in the file. Raises RuntimeFailure where they differ."""
    details = named(found, spec, path)
    shape = [int(length) for length in details["shape"]]
    require(spec, path, dtype=np.dtype(details["dtype"]).name, shape=shape)
    scale, zero_point = details["quantization"]
    if not _same_steps(scale, zero_point, spec.quantization):
        raise RuntimeFailure(
            f"{path}: tensor {spec.name!r} has the scale {scale} and the zero point {zero_point}, "
            f"but its signature says {spec.quantization}"
        )
    return int(details["index"])


def _same_steps(scale: float, zero_point: int, wanted: Quantization | None) -> bool:
    if wanted is None:
        return scale == 0
    return math.isclose(scale, wanted.scale, rel_tol=1e-6) and zero_point == wanted.zero_point
