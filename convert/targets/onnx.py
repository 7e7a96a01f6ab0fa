"""ONNX files, through tf2onnx and onnxconverter-common (float16); eight bits as decided."""

import json
import logging
import warnings
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConvertError, ToolError
from convert.graph.tensorflow import tensorflow
from convert.machine import instructions
from convert.quantization import Decisions, Range
from convert.quiet import quiet
from convert.signature import Signature, TensorSpec
from convert.targets.base import Export, first_lines
from convert.targets.onnx_integer import choose_types, quantized, seen
from convert.targets.onnx_repairs import repaired
from convert.targets.same_tensors import match, nodes_seen
from convert.vocabulary import Layout, Target

NAME: Target = "onnx"
FILE = "model.onnx"
TOOLS: tuple[str, ...] = ("tensorflow", "tf2onnx", "onnx", "onnxruntime", "onnxconverter-common")
_PICTURES_TO_MATCH = 2
OPSET = 17
"""tf2onnx writes up to 18; 17 is read by every runtime since ONNX Runtime 1.12."""


def export(job: Export, folder: Path) -> Signature:
    """Write `model.onnx`, with float32 input and output in every scheme.

    float16 computes in half precision between the ends. uint8 is static QDQ: uint8 activations,
    per-channel 8-bit weights, int32 biases, all as `job.decisions` has them. mixed is the same with
    some nodes in float32, large weights of theirs in half precision.
    """
    try:
        model = _float32(job)
        signature = _signature(model, job.layout)
        if job.scheme == "float16":
            model = _halved(model)
        elif job.scheme != "float32":
            assert job.decisions is not None, "eight bits are decided before"
            model, _ = _in_integers(model, job, job.decisions)
    except ConvertError:
        raise  # of an operator, or of a calibration picture
    except Exception as error:  # tf2onnx raises whatever it stumbles over
        raise ToolError(
            f"writing onnx {job.scheme} failed: {first_lines(error)}",
            hint="`convert inspect FILE` lists the operators that onnx cannot express.",
        ) from error
    _describe(model, job)
    if job.decisions is not None:
        model.metadata_props.add(key="quantization", value=str(choose_types(instructions())))
    (folder / FILE).write_bytes(model.SerializeToString())
    return signature


def held_ranges(job: Export) -> dict[str, Range]:
    """What each node of the core reaches in the integer file; nodes in float are not there."""
    assert job.decisions is not None
    _, held = _in_integers(_float32(job), job, job.decisions)
    return held


def _float32(job: Export) -> Any:
    tensorflow()
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    import tf2onnx

    inputs, outputs = ([f"{n}:0" for n in names] for names in (job.core.inputs, job.core.outputs))
    channels_first = job.layout == "NCHW"
    maps = [f"{n}:0" for n in job.core.outputs if len(job.core.shapes()[n] or ()) == 4]
    with quiet():
        model, _ = tf2onnx.convert.from_graph_def(
            job.core.graph_def,
            input_names=inputs,
            output_names=outputs,
            opset=OPSET,
            inputs_as_nchw=inputs if channels_first else None,
            outputs_as_nchw=maps if channels_first else None,
            tensors_to_rename={name: name.removesuffix(":0") for name in inputs + outputs},
        )
    return repaired(model)


def _halved(model: Any) -> Any:
    from onnx import TensorProto
    from onnxconverter_common.float16 import convert_float_to_float16

    with warnings.catch_warnings():
        # One warning for each weight below half precision's smallest.
        warnings.simplefilter("ignore")
        halved = convert_float_to_float16(model, keep_io_types=True)
    # Where an op without a float16 kernel (Resize) comes last, it is cast to float16 after all.
    for output in halved.graph.output:
        output.type.tensor_type.elem_type = TensorProto.FLOAT
        last = next(node for node in halved.graph.node if output.name in node.output)
        for attribute in last.attribute if last.op_type == "Cast" else ():
            attribute.i = TensorProto.FLOAT
    return halved


def _in_integers(model: Any, job: Export, decisions: Decisions) -> tuple[Any, dict[str, Range]]:
    """Every parameter as it was decided, in the types that this machine is fast at."""
    types = choose_types(instructions())
    pictures = list(islice(job.calibration(), _PICTURES_TO_MATCH))
    feeds = ({job.core.inputs[0]: _turned(picture, job.layout)} for picture in pictures)
    inner = seen(model, feeds)
    named = match(inner, nodes_seen(job.core, pictures))
    return quantized(model, job.core, decisions, types, inner, named)


def _turned(batch: NDArray[np.float32], layout: Layout) -> NDArray[np.float32]:
    """A prepared input, NHWC, in the file's layout."""
    return np.ascontiguousarray(batch.transpose(0, 3, 1, 2) if layout == "NCHW" else batch)


def _describe(model: Any, job: Export) -> None:
    del model.metadata_props[:]
    for key, value in job.metadata.model_dump(mode="json").items():
        text = value if isinstance(value, str) else json.dumps(value)
        model.metadata_props.add(key=key, value=text)
    model.producer_name, model.doc_string = "convert", job.metadata.description


def _signature(model: Any, layout: Layout) -> Signature:
    return Signature(
        inputs=tuple(_spec(value, layout) for value in model.graph.input),
        outputs=tuple(_spec(value, layout) for value in model.graph.output),
    )


def _spec(value: Any, layout: Layout) -> TensorSpec:
    shape = tuple(dimension.dim_value for dimension in value.type.tensor_type.shape.dim)
    return TensorSpec(
        name=value.name, dtype="float32", shape=shape, layout=layout if len(shape) == 4 else None
    )
