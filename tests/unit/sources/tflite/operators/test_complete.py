"""Every operator that is read gives what LiteRT gives, on odd shapes and with every option."""

from convert.sources.tflite.table import OPERATORS

from . import test_shapes, test_values, test_windows
from .proof import TESTED, proves

ELSEWHERE = {"QUANTIZE", "DEQUANTIZE", "DENSIFY"}
"""Read with what they mean for weights and ranges: `test_quantized.py` and `test_storage.py`."""


def test_every_operator_of_the_table_has_a_test():
    # When they were imported, they said what they prove.
    assert all(room.proves is proves for room in (test_shapes, test_values, test_windows))
    assert set(OPERATORS) == TESTED | ELSEWHERE
