"""The tables of what a target can express are those of the converters that are installed."""

import pytest

from convert.graph.expressible import inexpressible
from convert.graph.op_tables import ONNX, TFLITE


def test_an_op_that_no_list_knows_cannot_be_expressed_anywhere():
    for target in ("tflite", "tfjs", "onnx"):
        assert inexpressible(target, {"HomeMade": 2, "Conv2D": 1}) == {"HomeMade": 2}


def test_what_the_passes_fold_away_is_not_held_against_a_target():
    assert inexpressible("tflite", {"Dequantize": 9, "StopGradient": 1}) == {}


@pytest.mark.slow
def test_the_onnx_table_is_what_tf2onnx_has_handlers_for():
    from tf2onnx import tfonnx  # noqa: F401  # registers the handlers
    from tf2onnx.handler import tf_op

    opsets = [ops for versions in tf_op.get_opsets().values() for ops in versions]
    assert set().union(*opsets) >= ONNX


@pytest.mark.parametrize("op", ["ResizeBicubic", "CropAndResize", "ExtractImagePatches", "Erf"])
def test_ops_that_the_tflite_converter_refuses_are_not_in_its_table(op):
    assert op not in TFLITE
