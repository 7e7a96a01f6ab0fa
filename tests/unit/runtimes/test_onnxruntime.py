"""ONNX files run whatever dtypes they take and give."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from convert.errors import RuntimeFailure
from convert.runtimes.onnxruntime import open_session
from convert.signature import Quantization, Signature, TensorSpec
from convert.vocabulary import DType

SHAPE = (1, 3, 4, 5)
TYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "uint8": TensorProto.UINT8,
}


def save(path: Path, nodes: list, dtype: DType, constants: dict[str, np.ndarray]) -> Path:
    ends = [helper.make_tensor_value_info(name, TYPES[dtype], SHAPE) for name in "xy"]
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", ends[:1], ends[1:], initializers)
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), str(path))
    return path


def signature(dtype: DType, quantization: Quantization | None = None) -> Signature:
    ends = (
        TensorSpec(name=name, dtype=dtype, shape=SHAPE, layout="NCHW", quantization=quantization)
        for name in "xy"
    )
    return Signature(inputs=(next(ends),), outputs=(next(ends),))


def picture() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (1, 4, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_floats_of_either_width_go_in_and_out(dtype: DType, tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [helper.make_node("Neg", ["x"], ["y"])], dtype, {})
    found = open_session(path, signature(dtype), 1).run({"x": picture()})["y"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, -picture(), atol=1e-3)


def test_bytes_go_in_and_out_by_their_scale(tmp_path: Path) -> None:
    affine = Quantization(scale=2 / 255, zero_point=127)
    constants = {"s": np.float32(affine.scale), "z": np.uint8(affine.zero_point)}
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "s", "z"], ["r"]),
        helper.make_node("Neg", ["r"], ["n"]),
        helper.make_node("QuantizeLinear", ["n", "s", "z"], ["y"]),
    ]
    arrays = {name: np.array(value) for name, value in constants.items()}
    path = save(tmp_path / "m.onnx", nodes, "uint8", arrays)
    found = open_session(path, signature("uint8", affine), 1).run({"x": picture()})["y"]
    np.testing.assert_allclose(found, -picture(), atol=affine.scale)


def test_an_operator_it_does_not_know_is_named(tmp_path: Path) -> None:
    nodes = [helper.make_node("Wobble", ["x"], ["y"], domain="")]
    path = save(tmp_path / "m.onnx", nodes, "float32", {})
    with pytest.raises(RuntimeFailure, match="Wobble"):
        open_session(path, signature("float32"), 1)


def test_another_dtype_than_the_signatures_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [helper.make_node("Neg", ["x"], ["y"])], "float16", {})
    with pytest.raises(RuntimeFailure, match=r"'x' is float16.*signature says float32"):
        open_session(path, signature("float32"), 1)
