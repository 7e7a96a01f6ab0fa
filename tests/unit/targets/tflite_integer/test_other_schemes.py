"""Files that are in integers only in part: int16x8 and dynamic."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.targets import tflite
from convert.targets.tflite_integer.dynamic import dynamic

from .decided import answers_of_float, decided
from .nets import conv, graph, picture


def test_int16x8_files_are_closer_than_int8_ones(tmp_path: Path) -> None:
    job = decided(graph({"end": lambda x: conv(tensorflow().nn.relu(conv(x, 64, 3)), 32)}))
    (tmp_path / "model.tflite").write_bytes(tflite.int16x8(job))
    found, network = answers_of_float(tmp_path / "model.tflite", job)
    (wanted,) = function(job.core)(picture(1))
    assert {op.inputs[0].dtype for op in network.ops if op.kind == "CONV_2D"} == {"int16"}
    assert np.abs(found["end"] - wanted).max() <= 1e-3 * np.abs(wanted).max()


def test_dynamic_files_have_int8_weights_and_float_ends(tmp_path: Path) -> None:
    job = decided(graph({"end": lambda x: conv(tensorflow().nn.relu(conv(x, 64, 3)), 32)}))
    assert job.decisions is not None
    plain = tflite.converted(replace(job, scheme="float32"))
    (tmp_path / "model.tflite").write_bytes(dynamic(plain, list(job.decisions.kernels.values())))
    found, network = answers_of_float(tmp_path / "model.tflite", job)
    (wanted,) = function(job.core)(picture(1))
    assert {op.inputs[1].dtype for op in network.ops if op.kind == "CONV_2D"} == {"int8"}
    assert np.abs(found["end"] - wanted).max() <= 0.03 * np.abs(wanted).max()
