"""TFLite files, through TensorFlow's own converter; eight bits as they were decided."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from convert.errors import ConvertError, ToolError
from convert.graph.saved_model import write_saved_model
from convert.graph.tensorflow import tensorflow
from convert.quantization import Kernel, Range
from convert.quiet import quiet
from convert.signature import Quantization, Signature, TensorSpec
from convert.targets.base import Export, first_lines
from convert.targets.tflite_integer.dynamic import dynamic
from convert.targets.tflite_integer.write import full_integer
from convert.targets.tflite_integer.write import held_ranges as full_integer_ranges
from convert.targets.tflite_metadata import with_metadata
from convert.vocabulary import Target

NAME: Target = "tflite"
FILE = "model.tflite"
TOOLS: tuple[str, ...] = ("tensorflow", "ai-edge-litert", "flatbuffers")


def export(job: Export, folder: Path) -> Signature:
    """Write `model.tflite`.

    float16 stores the weights in half precision and computes in float32; uint8 is full integer
    with uint8 input and output and per-channel int8 weights (Jacob et al. 2018), as `job.decisions`
    has them; mixed is the same with some nodes in float. dynamic has int8 weights, int16x8 int16
    activations as well, both with float32 input and output.
    """
    flatbuffer = _flatbuffer(job)
    (folder / FILE).write_bytes(with_metadata(flatbuffer, job.metadata))
    return _signature(flatbuffer, job)


def held_ranges(job: Export) -> dict[str, Range]:
    """What each node of the core reaches in the integer file; nodes in float are not there."""
    return full_integer_ranges(converted(replace(job, scheme="float32")), job)


def _flatbuffer(job: Export) -> bytes:
    if job.scheme in ("float32", "float16"):
        return converted(job)
    if job.scheme == "int16x8":
        return int16x8(job)
    floats = converted(replace(job, scheme="float32"))
    return dynamic(floats, _kernels(job)) if job.scheme == "dynamic" else full_integer(floats, job)


def _kernels(job: Export) -> list[Kernel]:
    assert job.decisions is not None
    return list(job.decisions.kernels.values())


def converted(job: Export, configure: Callable[[Any, Export], None] | None = None) -> bytes:
    """What TFLiteConverter makes of an export, without metadata."""
    with tempfile.TemporaryDirectory() as scratch:
        write_saved_model(job.core, Path(scratch))
        converter = tensorflow().lite.TFLiteConverter.from_saved_model(scratch)
        (configure or _configure)(converter, job)
        return _converted(converter)


def int16x8(job: Export) -> bytes:
    """TFLiteConverter's int16 activations and int8 weights per channel, with float32 ends.

    LiteRT's reference kernels run it, at a tenth of the speed of int8. At 16 bits its own min-max
    ranges do no harm, and of weights that lie on a grid it finds the grid again where the largest
    of a channel is at its end.
    """
    return converted(job, _configure_int16x8)


def _configure(converter: Any, job: Export) -> None:
    tf = tensorflow()
    if job.scheme == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]


def _configure_int16x8(converter: Any, job: Export) -> None:
    tf = tensorflow()
    ops = tf.lite.OpsSet
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([batch] for batch in job.calibration())
    integers = ops.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    # What has no such kernel (ADD_N) stays in floating point.
    converter.target_spec.supported_ops = [integers, ops.TFLITE_BUILTINS]


def _converted(converter: Any) -> bytes:
    try:
        with quiet():
            flatbuffer: bytes = converter.convert()
    except ConvertError:
        raise  # of a calibration picture
    except Exception as error:  # also MLIR's, whose classes are private
        raise ToolError(
            f"TFLiteConverter failed: {first_lines(error)}",
            hint="`convert inspect FILE` lists the operators that tflite cannot express.",
        ) from error
    return flatbuffer


def _signature(flatbuffer: bytes, job: Export) -> Signature:
    from ai_edge_litert.interpreter import Interpreter

    with quiet():
        runner = Interpreter(model_content=flatbuffer).get_signature_runner("serving_default")
    return Signature(
        inputs=_specs(runner.get_input_details(), job.core.inputs),
        outputs=_specs(runner.get_output_details(), job.core.outputs),
    )


def _specs(details: dict[str, Any], names: tuple[str, ...]) -> tuple[TensorSpec, ...]:
    return tuple(_spec(name, details[name]) for name in names)


def _spec(name: str, detail: dict[str, Any]) -> TensorSpec:
    scale, zero_point = detail["quantization"]
    shape = tuple(int(side) for side in detail["shape"])
    return TensorSpec(
        name=name,
        dtype=detail["dtype"].__name__,
        shape=shape,
        layout="NHWC" if len(shape) == 4 else None,
        quantization=Quantization(scale=scale, zero_point=zero_point) if scale else None,
    )
