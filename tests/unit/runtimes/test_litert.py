"""How much of a file XNNPACK takes is counted right."""

from pathlib import Path
from typing import Any

import pytest

from convert.runtimes.litert import delegated_ops


def op(index: int, name: str, reads: list[int], writes: list[int]) -> dict[str, Any]:
    return {"index": index, "op_name": name, "inputs": reads, "outputs": writes}


CHAIN = [
    op(0, "QUANTIZE", [0], [1]),
    op(1, "CONV_2D", [1, 20, 21], [2]),
    op(2, "RELU", [2], [3]),
    op(3, "CUSTOM", [3, -1], [4]),
    op(4, "ADD", [4, 2], [5]),
]


def test_no_delegate_took_nothing() -> None:
    assert delegated_ops(CHAIN) == 0


def test_what_lies_between_a_delegates_ends_was_taken() -> None:
    assert delegated_ops([*CHAIN, op(5, "DELEGATE", [1, 20, 21], [2, 3])]) == 2


def test_several_delegates_add_up() -> None:
    delegates = [op(5, "DELEGATE", [1, 20, 21], [2, 3]), op(6, "DELEGATE", [4, 2], [5])]
    assert delegated_ops([*CHAIN, *delegates]) == 3


def test_a_delegate_may_take_all() -> None:
    assert delegated_ops([*CHAIN, op(5, "DELEGATE", [0, 20, 21], [5])]) == 5


@pytest.mark.shared
def test_xnnpack_takes_most_of_the_official_deeplab(shared: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    (path,) = shared.glob("mirror/*/google-coral/*/*/deeplabv3_mnv2_dm05_pascal_quant.tflite")
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    ops = interpreter._get_ops_details()
    total = sum(one["op_name"] != "DELEGATE" for one in ops)
    assert 0.8 * total < delegated_ops(ops) < total
