"""Every target that computes in integers computes those that were decided."""

import numpy as np
import pytest

from .written import Kind, Written, onnx_model, schema, tflite_model


def test_only_the_full_integer_tflite_takes_and_gives_integers(file: Written) -> None:
    whole = file.target == "tflite" and file.scheme == "uint8"
    for spec in (*file.signature.inputs, *file.signature.outputs):
        assert spec.dtype == ("uint8" if whole else "float32")
        assert (spec.quantization is not None) == whole
    if whole:
        covered = file.signature.inputs[0].quantization
        assert covered.scale * 255 == pytest.approx(2, rel=0.02)  # calibrated on -1..1


def test_eight_bit_tflite_kernels_have_a_scale_for_each_channel(
    written: dict[Kind, Written],
) -> None:
    model = tflite_model(written["tflite", "uint8", "NHWC"])
    graph = model.subgraphs[0]
    convolutions = [op for op in graph.operators if len(op.inputs) == 3]
    kernels = [graph.tensors[op.inputs[1]] for op in convolutions]
    assert len(kernels) >= 5
    for kernel in kernels:
        assert kernel.type == schema().TensorType.INT8
        assert (
            len(kernel.quantization.scale) == kernel.shape[kernel.quantization.quantizedDimension]
        )
        assert len(kernel.quantization.scale) > 1


def test_eight_bit_tflite_computes_in_integers_alone(written: dict[Kind, Written]) -> None:
    tensors = tflite_model(written["tflite", "uint8", "NHWC"]).subgraphs[0].tensors
    assert schema().TensorType.FLOAT32 not in {tensor.type for tensor in tensors}


def test_eight_bit_onnx_kernels_have_a_scale_for_each_channel(
    written: dict[Kind, Written],
) -> None:
    import onnx

    for layout in ("NHWC", "NCHW"):
        graph = onnx_model(written["onnx", "uint8", layout]).graph
        constants = {v.name: onnx.numpy_helper.to_array(v) for v in graph.initializer}
        made_by = {name: node for node in graph.node for name in node.output}
        sources = [made_by[n.input[1]] for n in graph.node if n.op_type == "Conv"]
        assert len(sources) == 5
        for node in sources:
            kernel, scales = (constants[name] for name in node.input[:2])
            assert kernel.dtype == np.int8
            assert scales.shape == (kernel.shape[0],)
