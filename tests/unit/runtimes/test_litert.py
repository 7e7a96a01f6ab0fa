"""Files of any origin are run, and how much of one XNNPACK takes is counted right."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.errors import RuntimeFailure
from convert.runtimes.litert import delegated_ops, open_session
from convert.signature import Quantization, Signature, TensorSpec


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
def test_a_published_file_without_named_signature_is_run_by_its_tensor_names(shared: Path) -> None:
    (path,) = shared.glob("mirror/*/floe/backscrub/*/models/segm_full_v679.tflite")
    ends = (("input_1", (1, 144, 256, 3)), ("segment", (1, 144, 256, 2)))
    image, segment = (
        TensorSpec(name=name, dtype="float32", shape=shape, layout="NHWC") for name, shape in ends
    )
    session = open_session(path, Signature(inputs=(image,), outputs=(segment,)), 1)
    grey = np.full(image.shape, 0.5, np.float32)
    assert np.isfinite(session.run({"input_1": grey})["segment"]).all()
    assert session.facts.delegated_ops == session.facts.total_ops


@pytest.mark.shared
def test_scales_that_are_not_the_files_are_refused(shared: Path) -> None:
    (path,) = shared.glob("mirror/*/google-coral/*/*/deeplabv3_mnv2_dm05_pascal_quant.tflite")
    image = TensorSpec(
        name="MobilenetV2/MobilenetV2/input",
        dtype="uint8",
        shape=(1, 513, 513, 3),
        layout="NHWC",
        quantization=Quantization(scale=1 / 255, zero_point=0),
    )
    labels = TensorSpec(name="ArgMax", dtype="int64", shape=(1, 513, 513))
    with pytest.raises(RuntimeFailure, match=r"scale 0\.0078125 and the zero point 128"):
        open_session(path, Signature(inputs=(image,), outputs=(labels,)), 1)
    right = image.model_copy(update={"quantization": Quantization(scale=1 / 128, zero_point=128)})
    facts = open_session(path, Signature(inputs=(right,), outputs=(labels,)), 1).facts
    assert facts.total_ops is not None
    assert facts.delegated_ops is not None
    assert 0.8 * facts.total_ops < facts.delegated_ops < facts.total_ops
