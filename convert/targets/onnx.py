"""ONNX files, through tf2onnx, onnxconverter-common (float16) and ONNX Runtime (uint8)."""

import json
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from convert.errors import ConvertError, ToolError, UnsupportedError
from convert.graph.tensorflow import tensorflow
from convert.quiet import quiet
from convert.signature import Signature, TensorSpec
from convert.targets.base import Export, first_lines
from convert.vocabulary import Layout, Target

NAME: Target = "onnx"
FILE = "model.onnx"
TOOLS: tuple[str, ...] = ("tensorflow", "tf2onnx", "onnx", "onnxruntime", "onnxconverter-common")
_MADE_UP = re.compile(r"__\d+")
_SCALES = 2
"""Their place among a Resize's inputs."""
OPSET = 17
"""tf2onnx writes up to 18; 17 is read by every runtime since ONNX Runtime 1.12."""


def export(job: Export, folder: Path) -> Signature:
    """Write `model.onnx`, with float32 input and output in every scheme.

    float16 computes in half precision between the ends. uint8 is static QDQ: uint8 activations,
    per-channel int8 weights, int32 biases.
    """
    try:
        model = _float32(job)
        signature = _signature(model, job.layout)
        if job.scheme == "float16":
            model = _halved(model)
        elif job.scheme == "uint8":
            model = _quantized(model, job, folder)
    except ConvertError:
        raise  # of an operator, or of a calibration picture
    except Exception as error:
        raise ToolError(
            f"writing onnx {job.scheme} failed: {first_lines(error)}",
            hint="`convert inspect FILE` lists the operators that onnx cannot express.",
        ) from error
    _describe(model, job)
    (folder / FILE).write_bytes(model.SerializeToString())
    return signature


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
    _refuse_unknown(model)
    return _named_in_order(_exactly_sized(model))


def _refuse_unknown(model: Any) -> None:
    """Raise UnsupportedError for operators that tf2onnx could not translate and left standing."""
    import onnx

    kinds = {(node.op_type, node.domain) for node in model.graph.node}
    unknown = sorted(kind for kind, domain in kinds if not onnx.defs.has(kind, domain))
    if unknown:
        raise UnsupportedError(
            f"onnx has no operator for {', '.join(unknown)}",
            hint="`convert inspect FILE` lists the operators that onnx cannot express.",
        )


def _exactly_sized(model: Any) -> Any:
    """Resize nodes with the size they make instead of float32 scales.

    A runtime takes the whole part of side x scale, and 9 x float32(17 / 9) is less than 17.
    """
    import onnx

    constants = {value.name: value for value in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "Resize"]:
        given = constants.get(node.input[_SCALES])
        sides = _shapes(model).get(node.input[0])
        if given is None or not sides or len(node.input) > _SCALES + 1:
            continue
        sizes = np.rint(np.multiply(sides, onnx.numpy_helper.to_array(given))).astype(np.int64)
        name = f"{node.name}__sizes__0"
        model.graph.initializer.append(onnx.numpy_helper.from_array(sizes, name))
        node.input[:] = [*node.input[:_SCALES], "", name]
        if not any(given.name in other.input for other in model.graph.node):
            model.graph.initializer.remove(given)
    return model


def _shapes(model: Any) -> dict[str, list[int]]:
    """The shape of every tensor that onnx can tell it of."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model).graph
    return {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }


def _named_in_order(model: Any) -> Any:
    """Equal bytes each time: tf2onnx numbers what it makes up, on and on and in a set's order."""
    graph = model.graph
    if {"If", "Loop", "Scan"} & {node.op_type for node in graph.node}:
        return model  # their branches read names of the graph around them
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    for node in graph.node:
        for name in filter(_MADE_UP.search, node.input):
            names.setdefault(name, f"constant__{len(names)}")
        for name in filter(_MADE_UP.search, node.output):
            names.setdefault(name, f"{node.op_type}__{len(names)}")
    for place, node in enumerate(graph.node):
        node.name = f"{node.op_type}__{place}" if _MADE_UP.search(node.name) else node.name
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in graph.initializer:
        value.name = names.get(value.name, value.name)
    graph.initializer.sort(key=lambda value: value.name)
    del graph.value_info[:]
    return model


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


def _quantized(model: Any, job: Export, folder: Path) -> Any:
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    written = folder / "quantized.onnx"
    logging.getLogger().setLevel(logging.ERROR)
    quantize_static(
        model,
        str(written),
        _Reader(job),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    quantized = onnx.load(str(written))
    written.unlink()
    return quantized


class _Reader:
    """Calibration inputs one at a time, as onnxruntime.quantization asks for them."""

    def __init__(self, job: Export) -> None:
        self._name = job.core.inputs[0]
        self._layout = job.layout
        self._batches: Iterator[Any] = job.calibration()

    def get_next(self) -> dict[str, Any] | None:
        """The next input by its name, or None at the end."""
        batch = next(self._batches, None)
        if batch is None:
            return None
        turned = batch.transpose(0, 3, 1, 2) if self._layout == "NCHW" else batch
        return {self._name: np.ascontiguousarray(turned)}


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
