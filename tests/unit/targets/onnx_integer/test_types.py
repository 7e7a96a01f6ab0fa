"""The types are those that the machine is fast and right with."""

import numpy as np
import pytest

from convert.targets.onnx_integer.types import choose_types


@pytest.mark.parametrize(
    ("instructions", "name"),
    [
        (("avx2", "fma", "avx512f", "avx512_vnni"), "U8S8"),
        (("avx2", "avx_vnni"), "U8S8"),
        (("avx2", "fma", "avx512f"), "U8U8"),
        (("asimd", "asimddp"), "U8S8"),
        ((), "U8S8"),
    ],
)
def test_x86_without_vnni_would_saturate_and_multiplies_unsigned(
    instructions: tuple[str, ...], name: str
) -> None:
    assert choose_types(instructions).name == name


def test_unsigned_codes_stand_for_the_same_values() -> None:
    codes = np.arange(-127, 128).astype(np.int8)
    for instructions in ((), ("avx2",)):
        types = choose_types(instructions)
        assert np.array_equal(types.stored(codes).astype(int) - types.offset, codes.astype(int))
