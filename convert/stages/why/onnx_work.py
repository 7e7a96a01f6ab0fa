"""The work of an onnx file as ONNX Runtime runs it: its own graph, after fusion, with its times."""

import json
from collections.abc import Mapping
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from convert.stages.why.operation import Operation

_RUNS = 10
_NUMPY = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}
_CONVERTERS = frozenset({"QuantizeLinear", "DequantizeLinear"})
_WEIGHTS_AT = {"QLinearConv": 3, "QLinearMatMul": 3, "QGemm": 3}
"""Which input holds the weights; else the second."""
_EVENT = "_kernel_time"

Shape = tuple[int, ...]


def operations(path: Path) -> tuple[Operation, ...]:
    """Every operator that ONNX Runtime runs, with the fastest of its own times of some runs."""
    with TemporaryDirectory() as scratch:
        events, weights = _profiled(path, Path(scratch))
    best: dict[str, Any] = {}
    for event in events:
        known = best.get(event["name"])
        if known is None or event["dur"] < known["dur"]:
            best[event["name"]] = event
    return tuple(_operation(event, weights) for event in best.values())


def _profiled(path: Path, scratch: Path) -> tuple[list[Any], Mapping[str, Shape]]:
    """Run a few times with one thread: each kernel's events, and node -> its weights' shape."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_profiling = True
    options.profile_file_prefix = str(scratch / "profile")
    options.optimized_model_filepath = str(scratch / "optimized.onnx")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    fed = {one.name: np.zeros(one.shape, _NUMPY[one.type]) for one in session.get_inputs()}
    for _ in range(_RUNS):
        session.run(None, fed)
    found = json.loads(Path(session.end_profiling()).read_bytes())
    events = [e for e in found if e.get("cat") == "Node" and e["name"].endswith(_EVENT)]
    return events, _weights(scratch / "optimized.onnx")


def _weights(path: Path) -> dict[str, Shape]:
    """Of each node that has any; ONNX Runtime tells no shapes of weights that it packed."""
    import onnx

    graph = onnx.load(path).graph
    shapes = {one.name: tuple(one.dims) for one in graph.initializer}
    places = {node.name: (node, _WEIGHTS_AT.get(node.op_type, 1)) for node in graph.node}
    return {
        name: shapes[node.input[at]]
        for name, (node, at) in places.items()
        if len(node.input) > at and node.input[at] in shapes
    }


def _operation(event: Any, weights: Mapping[str, Shape]) -> Operation:
    args = event["args"]
    kind = args["op_name"]
    made = [tuple(shape) for one in args["output_type_shape"] for shape in one.values()]
    fed = [dtype for one in args["input_type_shape"] for dtype in one]
    weight = weights.get(event["name"].removesuffix(_EVENT))
    eight = kind.startswith("QLinear") or (bool(fed) and fed[0] in ("uint8", "int8"))
    stored = int(args["parameter_size"])
    if weight and stored < prod(weight):
        stored += prod(weight) * (1 if eight else 4)
    return Operation(
        kind=kind,
        macs=_macs(kind, made[0] if made else (), weight),
        weight_bytes=stored,
        activation_bytes=int(args["activation_size"]) + int(args["output_size"]),
        eight_bits=eight,
        converts=kind in _CONVERTERS,
        ms=event["dur"] / 1e3,
    )


def _macs(kind: str, made: Shape, weight: Shape | None) -> int:
    """Convolutions' weights are [outputs, inputs of a group, height, width]."""
    if weight is None or len(weight) < 2:
        return 0
    if "ConvTranspose" in kind:
        return prod(made) * weight[0]
    if "Conv" in kind:
        return prod(made) * prod(weight[1:])
    return prod(made) * weight[0] if "MatMul" in kind or "Gemm" in kind else 0
