"""onnx files on ONNX Runtime, on the CPU."""

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from convert.errors import RuntimeFailure
from convert.runtimes.base import Array, SessionFacts
from convert.runtimes.installed import why_not
from convert.runtimes.matching import named, require
from convert.runtimes.tensors import decode, encode
from convert.signature import Signature, TensorSpec
from convert.vocabulary import Target

NAME = "onnxruntime"
TARGET: Target = "onnx"
MEASURED = True

_FATAL = 4
_DTYPES = {"float": "float32"}
"""ONNX Runtime's names of dtypes, where they are not numpy's."""


def missing() -> str | None:
    """Why ONNX Runtime cannot run here, or None."""
    return why_not("onnxruntime", "onnxruntime")


def version() -> str:
    """The version of onnxruntime."""
    return metadata.version("onnxruntime")


def open_session(path: Path, signature: Signature, threads: int) -> "OnnxSession":
    """Load an onnx file. Raises RuntimeFailure where ONNX Runtime or the signature refuses it."""
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(
            str(path), _options(threads), providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except Exception as error:  # ONNX Runtime's errors share no base class
        raise RuntimeFailure(f"ONNX Runtime cannot load {path}: {error}") from error
    return OnnxSession(session, path, signature, threads)


class OnnxSession:
    """A loaded onnx file."""

    def __init__(self, session: Any, path: Path, signature: Signature, threads: int) -> None:
        """Match the signature's names, dtypes and shapes with the file's tensors."""
        for spec in signature.inputs:
            _check(session.get_inputs(), spec, path)
        for spec in signature.outputs:
            _check(session.get_outputs(), spec, path)
        self._session, self._path, self._signature = session, path, signature
        self._binding = session.io_binding()
        self._held: dict[str, Array] = {}
        self.facts = SessionFacts(threads=threads)

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Bring the inputs to the file's dtype and layout, and bind them."""
        # The binding reads the arrays' own memory, so they are held.
        self._held = encode(inputs, self._signature)
        self._binding.clear_binding_inputs()
        self._binding.clear_binding_outputs()
        for name, array in self._held.items():
            self._binding.bind_cpu_input(name, array)
        for spec in self._signature.outputs:
            self._binding.bind_output(spec.name)

    def invoke(self) -> None:
        """Run once on what is loaded."""
        try:
            self._session.run_with_iobinding(self._binding)
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise RuntimeFailure(f"ONNX Runtime broke on {self._path}: {error}") from error

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once, float32 NHWC to float32 NHWC."""
        self.load(inputs)
        self.invoke()
        names = [spec.name for spec in self._signature.outputs]
        arrays = self._binding.copy_outputs_to_cpu()
        return decode(dict(zip(names, arrays, strict=True)), self._signature)


def _options(threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    # Its threads spin while it runs, as its users' do, but not between the runs, where they would
    # take the processor from the variants that it is compared with.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return options


def _check(found: Sequence[Any], spec: TensorSpec, path: Path) -> None:
    """Raise RuntimeFailure where the file's tensor is not what the signature says."""
    tensor = named({one.name: one for one in found}, spec, path)
    dtype = tensor.type.removeprefix("tensor(").removesuffix(")")
    require(spec, path, dtype=_DTYPES.get(dtype, dtype), shape=tensor.shape)
