"""Every kind of operator computes in integers what it computes in floating point."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.targets import tflite
from convert.targets.base import Export
from convert.targets.tflite_integer.file import read, write
from convert.targets.tflite_integer.write import full_integer

from .decided import answers_of_float, decided, ran
from .nets import bodies, conv, graph, picture, weights

STEPS = 5
"""How far an answer may be off: a few roundings on the way, one at the end."""


@pytest.fixture(scope="module")
def job() -> Export:
    return decided(graph(bodies()))


@pytest.fixture(scope="module")
def file(job: Export) -> bytes:
    return tflite.converted(replace(job, scheme="float32"))


@pytest.fixture(scope="module")
def written(job: Export, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return ran(job, tmp_path_factory.mktemp("integer"))


@pytest.fixture(scope="module")
def wanted(job: Export) -> dict[str, np.ndarray]:
    values = function(job.core)(picture(1))
    return dict(zip(job.core.outputs, values, strict=True))


@pytest.mark.parametrize("name", bodies())
def test_an_operator_in_integers_answers_within_a_few_steps(
    name: str, written: Any, wanted: dict[str, np.ndarray]
) -> None:
    found, signature = written
    (spec,) = (spec for spec in signature.outputs if spec.name == name)
    assert spec.dtype == "uint8"
    assert spec.quantization is not None
    apart = np.abs(found[name] - wanted[name]).max() / spec.quantization.scale
    assert apart <= STEPS


def test_the_input_is_uint8(written: Any) -> None:
    assert [spec.dtype for spec in written[1].inputs] == ["uint8"]


def test_the_decided_codes_and_scales_are_in_the_file(job: Export, file: bytes) -> None:
    network = read(full_integer(file, job))
    stored = {op.inputs[1].data.tobytes() for op in network.ops if op.kind == "CONV_2D"}
    assert job.decisions is not None
    four = [one for one in job.decisions.kernels.values() if not one.depthwise]
    decisions = {one.codes.transpose(3, 0, 1, 2).tobytes() for one in four if one.codes.ndim == 4}
    assert stored == decisions


def test_the_same_decisions_give_the_same_bytes(job: Export, file: bytes) -> None:
    assert full_integer(file, job) == full_integer(file, job)


def test_reading_and_writing_a_float_file_changes_no_answer(
    file: bytes, job: Export, wanted: dict[str, np.ndarray], tmp_path: Path
) -> None:
    (tmp_path / "model.tflite").write_bytes(write(read(file)))
    found, _ = answers_of_float(tmp_path / "model.tflite", job)
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4)


def test_what_argmax_gives_stays_labels(tmp_path: Path) -> None:
    job = decided(graph({"labels": lambda x: tensorflow().argmax(conv(x), 3)}))
    found, signature = ran(job, tmp_path)
    (wanted,) = function(job.core)(picture(1))
    assert signature.outputs[0].quantization is None
    assert (found["labels"] == wanted).mean() > 0.95


def test_an_undecided_kernel_is_rounded_to_the_nearest_codes(tmp_path: Path) -> None:
    job = decided(graph({"end": lambda x: conv(x, side=3)}))
    assert job.decisions is not None
    bare = replace(job, decisions=replace(job.decisions, kernels={}))
    found, signature = ran(bare, tmp_path)
    (wanted,) = function(job.core)(picture(1))
    assert np.abs(found["end"] - wanted).max() <= 2 * signature.outputs[0].quantization.scale


def test_a_bias_that_int32_cannot_hold_raises_the_scale(tmp_path: Path) -> None:
    def body(x: Any) -> Any:
        tf = tensorflow()
        x = tf.nn.conv2d(x, weights(1, 1, 8, 8) * np.float32([0, 1e-9, *[1] * 6]), 1, "SAME")
        return tf.nn.bias_add(x, np.float32([2, 3, *[0] * 6]))

    job = decided(graph({"end": body}))
    found, signature = ran(job, tmp_path)
    step = signature.outputs[0].quantization.scale
    assert np.abs(found["end"][..., :2] - [2, 3]).max() <= step
