"""Every target that computes in integers computes those that were decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.quantization import Range
from convert.quantizers.decide import Decided, Premises, round_for, settle
from convert.quantizers.layers import layers, with_constants
from convert.quantizers.simulate import as_stored, nudged, simulated
from convert.targets import INTEGERS
from convert.targets.base import Export
from convert.vocabulary import Layout, Target

from .nets import blocks, core_of, pictures
from .written import KINDS, Kind, Written, job, onnx_model, schema, tflite_model, write

IN_INTEGERS = [
    (target, layout) for target, scheme, layout in KINDS if target in INTEGERS and scheme == "uint8"
]
PREMISES = Premises(answers="largest", entry=(-1.0, 1.0), known={})
ALIKE = 0.015
"""Of the square of the output's step: a code in seventy is the next one."""


def test_only_the_full_integer_tflite_takes_and_gives_integers(file: Written) -> None:
    whole = file.target == "tflite" and file.scheme == "uint8"
    for spec in (*file.signature.inputs, *file.signature.outputs):
        assert spec.dtype == ("uint8" if whole else "float32")
        assert (spec.quantization is not None) == whole
    if whole:
        covered = file.signature.inputs[0].quantization
        assert covered.scale * 255 == pytest.approx(2, rel=0.02)  # calibrated on -1..1


def test_eight_bit_tflite_kernels_have_a_scale_for_each_channel(
    written: dict[Kind, Written],
) -> None:
    model = tflite_model(written["tflite", "uint8", "NHWC"])
    graph = model.subgraphs[0]
    convolutions = [op for op in graph.operators if len(op.inputs) == 3]
    kernels = [graph.tensors[op.inputs[1]] for op in convolutions]
    assert len(kernels) >= 5
    for kernel in kernels:
        assert kernel.type == schema().TensorType.INT8
        assert (
            len(kernel.quantization.scale) == kernel.shape[kernel.quantization.quantizedDimension]
        )
        assert len(kernel.quantization.scale) > 1


def test_eight_bit_tflite_computes_in_integers_alone(written: dict[Kind, Written]) -> None:
    tensors = tflite_model(written["tflite", "uint8", "NHWC"]).subgraphs[0].tensors
    assert schema().TensorType.FLOAT32 not in {tensor.type for tensor in tensors}


def test_eight_bit_onnx_kernels_have_a_scale_for_each_channel(
    written: dict[Kind, Written],
) -> None:
    import onnx

    for layout in ("NHWC", "NCHW"):
        graph = onnx_model(written["onnx", "uint8", layout]).graph
        constants = {v.name: onnx.numpy_helper.to_array(v) for v in graph.initializer}
        made_by = {name: node for node in graph.node for name in node.output}
        sources = [made_by[n.input[1]] for n in graph.node if n.op_type == "Conv"]
        assert len(sources) == 5
        for node in sources:
            kernel, scales = (constants[name] for name in node.input[:2])
            assert kernel.dtype == np.int8
            assert scales.shape == (kernel.shape[0],)


@dataclass(frozen=True)
class Rounded:
    """A core whose kernels are rounded for what one target's file stores."""

    target: Target
    layout: Layout
    held: Mapping[str, Range]
    made: Decided

    @property
    def order(self) -> Export:
        return integers(self.made, self.layout)


def integers(made: Decided, layout: Layout) -> Export:
    return replace(job(made.graph, "uint8", layout), decisions=made.decisions)


def rounded_for(settled: Decided, target: Target, layout: Layout) -> Rounded:
    told = INTEGERS[target].held_ranges(integers(settled, layout))
    held = {name: told[name] for name in settled.decisions.ranges if name in told}
    return Rounded(target, layout, held, round_for(settled.floats, pictures, held, PREMISES))


def apart(found: Written, graph: Graph, ranges: Mapping[str, Range]) -> float:
    """Mean square, in steps of the output, between a file's answers and a simulation's."""
    run, (entry,), (end,) = function(simulated(graph, ranges)), graph.inputs, graph.outputs
    step, _ = nudged(ranges[graph.through_identity(end).name])
    squares = [
        np.square(found.answer(one) - run(as_stored(one, ranges[entry]))[0]).mean()
        for one in pictures()
    ]
    return float(np.mean(squares)) / step**2


def by_half_a_unit(rounded: Rounded) -> Graph:
    """The core with biases that int32 would hold as other numbers."""
    graph, kernels = rounded.made.graph, rounded.made.decisions.kernels
    moved = {}
    for layer in layers(graph):
        given = graph.node(layer.name).input[0]
        unit = kernels[layer.kernel].scales * nudged(rounded.held[given])[0]
        moved[layer.bias] = graph.constant(layer.bias) + np.float32(0.49) * unit
    return with_constants(graph, moved)


@pytest.fixture(scope="module")
def settled() -> Decided:
    """What every file of one network has in common."""
    core = core_of(blocks)
    return settle(core, pictures, PREMISES)


@pytest.fixture(scope="module", params=IN_INTEGERS, ids="-".join)
def rounded(request: pytest.FixtureRequest, settled: Decided) -> Rounded:
    return rounded_for(settled, *request.param)


@pytest.fixture
def exported(rounded: Rounded, tmp_path: Path) -> Written:
    return write(rounded.target, rounded.order, tmp_path)


def test_a_file_computes_what_kernels_were_rounded_for(rounded: Rounded, exported: Written) -> None:
    assert apart(exported, rounded.made.graph, rounded.held) <= ALIKE


def test_no_other_ranges_kernels_or_biases_pass_for_what_a_file_computes(
    rounded: Rounded, exported: Written, settled: Decided
) -> None:
    graph, held = rounded.made.graph, rounded.held
    wider = {name: (1.01 * low, 1.01 * high) for name, (low, high) in held.items()}
    for other, ranges in (
        (graph, wider),
        *((graph, {n: r for n, r in held.items() if n != name}) for name in list(held)[1:-1]),
        (settled.graph, held),
        (rounded.made.unrounded, held),
        (by_half_a_unit(rounded), held),
    ):
        assert apart(exported, other, ranges) > ALIKE


def test_what_a_file_holds_is_what_it_would_hold(rounded: Rounded) -> None:
    assert INTEGERS[rounded.target].held_ranges(rounded.order) == rounded.held
