"""What is kept in floating point stays there, and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.targets import tflite
from convert.targets.tflite_integer.file import read

from .decided import decided, ran
from .nets import SHAPE, conv, graph, picture


def test_a_layer_that_is_kept_stays_in_floating_point_with_half_weights(tmp_path: Path) -> None:
    core = graph({"end": lambda x: conv(conv(tensorflow().nn.relu(conv(x, 64, 3)), 8))})
    layers = [node.name for node in core.graph_def.node if node.op == "Conv2D"]
    found, _ = ran(decided(core, frozenset(layers[1:2])), tmp_path)
    network = read((tmp_path / tflite.FILE).read_bytes())
    kinds = [op.inputs[1].dtype for op in network.ops if op.kind == "CONV_2D"]
    assert kinds == ["int8", "float32", "int8"]
    halves = [op.inputs[0] for op in network.ops if op.inputs[0].dtype == "float16"]
    assert [half.data.size for half in halves] == [64 * 8]
    assert found["end"].shape == SHAPE


def test_a_mixed_file_gives_in_float_what_is_computed_in_float(tmp_path: Path) -> None:
    core = graph({"end": lambda x: conv(conv(x, 16, 3))})
    last = [node.name for node in core.graph_def.node if node.op == "Conv2D"][-1]
    kept = decided(core, frozenset({last}))
    mixed, signature = ran(replace(kept, scheme="mixed"), tmp_path)
    assert [spec.dtype for spec in (*signature.inputs, *signature.outputs)] == ["uint8", "float32"]
    eight, signature = ran(kept, tmp_path)
    assert signature.outputs[0].dtype == "uint8"
    (wanted,) = function(core)(picture(1))
    apart = [np.abs(one["end"] - wanted).mean() for one in (mixed, eight)]
    assert apart[0] < apart[1]


def test_an_axis_that_two_means_are_over_keeps_only_the_one_that_is_named(tmp_path: Path) -> None:
    def mean(x: Any) -> Any:
        return conv(tensorflow().reduce_mean(x, (1, 2), keepdims=True), 4)

    core = graph({"one": lambda x: mean(conv(x)), "two": lambda x: mean(conv(x, 6))})
    first = next(node.name for node in core.graph_def.node if node.op == "Mean")
    ran(decided(core, frozenset({first})), tmp_path)
    network = read((tmp_path / tflite.FILE).read_bytes())
    means = [op for op in network.ops if op.kind in ("MEAN", "AVERAGE_POOL_2D")]
    assert sorted(op.out.dtype for op in means) == ["float32", "int8"]
