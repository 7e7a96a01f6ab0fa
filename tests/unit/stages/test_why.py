"""A file's work is counted right, and the advice names the cause that is there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.stages.why import Bound, OpGroup, Why, why
from convert.stages.why.advice import advice
from convert.stages.why.onnx_work import operations as onnx_operations
from convert.stages.why.operation import Operation
from convert.stages.why.records import RoofFacts
from convert.stages.why.roofline import Roof, probe
from convert.stages.why.tfjs_work import operations as tfjs_operations


def group(kind: str, macs: float = 0, moved: float = 1e5, **more: Any) -> OpGroup:
    known = {"count": 3, "taken": True, "eight_bits": True, "ms": None}
    return OpGroup.model_validate({"kind": kind, "macs": macs, "bytes": moved, **known, **more})


def found(*groups: OpGroup, **more: Any) -> Why:
    macs = sum(one.macs for one in groups)
    known: dict[str, Any] = {
        "path": "models/out/toy/tflite-uint8",
        "variant": "tflite-uint8",
        "runtime": "litert",
        "target": "tflite",
        "scheme": "uint8",
        "bytes": 1_000_000,
        "ms": 10.0,
        "ratio_to_float32": 0.9,
        "load": 0.1,
        "macs": macs,
        "macs_in_eight_bits": sum(one.macs for one in groups if one.eight_bits),
        "weight_bytes": 0,
        "activation_bytes": sum(one.bytes for one in groups),
        "groups": groups,
        "conversions": 2,
        "roof": RoofFacts(float_macs=50, byte_macs=200, bandwidth=20, buffer_bytes=2**20),
        "bound": Bound(least_ms=2.0, compute_ms=2.0, memory_ms=1.0),
        "advice": "",
    }
    return Why.model_validate({**known, **more})


CONV = group("CONV_2D", 1e9, 1e6)


def test_what_xnnpack_leaves_is_named_first() -> None:
    said = advice(found(CONV, group("HARD_SWISH", moved=5e5, taken=False), conversions=9))
    assert said.startswith("XNNPACK leaves 3 HARD_SWISH to plain kernels, 0% of the multiply-adds")
    assert "33% of the bytes" in said


def test_a_little_that_is_left_is_no_cause() -> None:
    assert "leaves" not in advice(found(CONV, group("RESHAPE", moved=1e3, taken=False)))


def test_turning_the_input_is_no_operator_that_was_left() -> None:
    assert "leaves" not in advice(found(CONV, group("QUANTIZE", moved=9e5, taken=False)))


def test_multiply_adds_that_stayed_in_float_are_named() -> None:
    said = advice(found(CONV, group("Conv", 1e9, 1e6, eight_bits=False)))
    assert said.startswith("50% of the multiply-adds are still float32 (3 Conv)")


def test_a_processor_without_products_of_bytes_is_told_of() -> None:
    roof = RoofFacts(float_macs=50, byte_macs=55, bandwidth=20, buffer_bytes=2**20)
    assert "multiplies bytes only 1.1 times as fast" in advice(found(CONV, roof=roof))


def test_operators_between_conversions_are_named_with_their_time() -> None:
    groups = (
        CONV.model_copy(update={"ms": 6.0}),
        group("Resize", eight_bits=False, ms=3.0),
        group("DequantizeLinear", ms=1.0),
    )
    said = advice(found(*groups, conversions=6))
    assert said.startswith("3 Resize stay in float32, and with the 6 conversions around them take")
    assert "40% of the operators' time" in said


@pytest.mark.parametrize(
    ("bound", "says"),
    [
        (Bound(least_ms=8, compute_ms=8, memory_ms=2), "bound by multiply-adds"),
        (Bound(least_ms=8, compute_ms=2, memory_ms=8), "bound by memory"),
        (Bound(least_ms=2, compute_ms=2, memory_ms=1), "the roofs explain 20% of its time"),
    ],
)
def test_without_a_cause_the_roofs_tell(bound: Bound, says: str) -> None:
    assert says.lower() in advice(found(CONV, bound=bound)).lower()


def test_eight_bits_that_have_paid_are_said_to() -> None:
    assert advice(found(CONV, ratio_to_float32=0.4)).startswith("Eight bits have paid (0.40")


def test_tfjs_stores_bits_and_computes_in_float() -> None:
    told = {"target": "tfjs", "ms": None, "untimed": "no browser was found"}
    said = advice(found(group("weights in uint8"), weight_bytes=4_000_000, **told))
    assert said.startswith(
        "tfjs stores 1.00 MB, and a page that loads them makes 4.00 MB of float32"
    )


def test_each_operator_is_bound_by_its_scarcer_resource() -> None:
    roof = Roof(float_macs=1e9, byte_macs=4e9, bandwidth=1e9, buffer_bytes=1)
    op = Operation(
        kind="c", macs=10**6, weight_bytes=10, activation_bytes=90, eight_bits=True, converts=False
    )
    assert roof.compute_ms(op) == pytest.approx(0.25)
    assert roof.memory_ms(op) == pytest.approx(1e-4)


def test_the_roofs_are_what_a_processor_can_do() -> None:
    roof = probe(2**20)
    assert 1e8 < roof.float_macs < 1e13
    assert 1e8 < roof.byte_macs < 1e13
    assert 1e8 < roof.bandwidth < 1e13
    assert roof.better(roof) == roof


def onnx_file(path: Path) -> Path:
    """One convolution of 3x3, 2 to 5 channels, on 8x8 pixels, and a matrix product."""
    from onnx import TensorProto, helper, numpy_helper, save

    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, (1, 2, 8, 8))
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, (1, 7))
    weights = numpy_helper.from_array(np.ones((5, 2, 3, 3), np.float32), "weights")
    matrix = numpy_helper.from_array(np.ones((5 * 36, 7), np.float32), "matrix")
    nodes = [
        helper.make_node("Conv", ["image", "weights"], ["map"], "conv"),
        helper.make_node("Flatten", ["map"], ["flat"], "flat"),
        helper.make_node("MatMul", ["flat", "matrix"], ["out"], "product"),
    ]
    graph = helper.make_graph(nodes, "net", [image], [out], [weights, matrix])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def test_multiply_adds_and_bytes_of_an_onnx_file_are_counted(tmp_path: Path) -> None:
    ops = {op.kind: op for op in onnx_operations(onnx_file(tmp_path / "net.onnx"))}
    assert ops["MatMul"].macs == 5 * 36 * 7
    assert ops["MatMul"].weight_bytes == 4 * 5 * 36 * 7
    # ONNX Runtime may fill up channels to whole vectors.
    conv = next(op for kind, op in ops.items() if "Conv" in kind)
    assert 5 * 36 * 2 * 9 <= conv.macs <= 16 * 36 * 4 * 9
    assert conv.ms is not None
    assert not any(op.eight_bits or op.converts for op in ops.values())


def test_what_is_not_timed_in_a_page_says_why_and_how_it_would_be() -> None:
    weights = group("weights in uint8")
    told = {"target": "tfjs", "ms": None, "untimed": "no browser was found"}
    said = advice(found(weights, weight_bytes=4_000_000, **told))
    assert "It is not timed: no browser was found." in said
    assert "--runtimes tfjs-wasm-simd" in said
    timed = advice(found(weights, weight_bytes=4_000_000, target="tfjs", ms=2.0))
    assert "not timed" not in timed


def test_weights_of_a_tfjs_file_count_as_a_page_holds_them(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(
        '{"weightsManifest": [{"weights": [{"name": "a", "shape": [3, 4], "dtype": "float32", '
        '"quantization": {"dtype": "uint8"}}, {"name": "b", "shape": [], "dtype": "float32"}]}]}'
    )
    first, second = tfjs_operations(tmp_path)
    assert (first.kind, first.weight_bytes, first.converts) == ("weights in uint8", 48, True)
    assert (second.kind, second.weight_bytes, second.converts) == ("weights in float32", 4, False)


def test_nothing_to_explain_is_nothing() -> None:
    assert why({}, lambda folders: {}) == ()
