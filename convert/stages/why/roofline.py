"""The roofs of this machine, one thread: multiply-adds in float32 and in bytes, and bandwidth."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from convert.stages.why.operation import Operation
from convert.stages.why.records import RoofFacts

_SIDE = 768
"""Of the square matrices whose product is timed: large enough for a kernel's best."""
_TRIES = 30
_MOVED = 2**28
"""Bytes that one try of the bandwidth copies."""


@dataclass(frozen=True, kw_only=True)
class Roof:
    """Multiply-adds and bytes a second, of one thread."""

    float_macs: float
    byte_macs: float
    bandwidth: float
    buffer_bytes: int

    def compute_ms(self, op: Operation) -> float:
        """The least time that its multiply-adds take."""
        return 1e3 * op.macs / (self.byte_macs if op.eight_bits else self.float_macs)

    def memory_ms(self, op: Operation) -> float:
        """The least time that moving its tensors takes."""
        return 1e3 * op.bytes / self.bandwidth

    def better(self, other: "Roof") -> "Roof":
        """The higher of each: what else the machine does only lowers them."""
        return Roof(
            float_macs=max(self.float_macs, other.float_macs),
            byte_macs=max(self.byte_macs, other.byte_macs),
            bandwidth=max(self.bandwidth, other.bandwidth),
            buffer_bytes=self.buffer_bytes,
        )

    def record(self) -> RoofFacts:
        """In 10^9 a second."""
        return RoofFacts(
            float_macs=self.float_macs / 1e9,
            byte_macs=self.byte_macs / 1e9,
            bandwidth=self.bandwidth / 1e9,
            buffer_bytes=self.buffer_bytes,
        )


def probe(buffer_bytes: int) -> Roof:
    """Measure now, in under two seconds; bandwidth on buffers of so many bytes in all.

    The products are ONNX Runtime's, whose kernels use what the processor has for bytes; NumPy has
    none for them.
    """
    macs = _SIDE**3
    return Roof(
        float_macs=macs / _fastest(_product("MatMul")),
        byte_macs=macs / _fastest(_product("MatMulInteger")),
        bandwidth=_bandwidth(buffer_bytes),
        buffer_bytes=buffer_bytes,
    )


def _bandwidth(buffer_bytes: int) -> float:
    """Bytes read and written a second, by copying one half of a buffer over the other again."""
    half = max(1, buffer_bytes // 2)
    source, goal = np.ones(half, np.uint8), np.zeros(half, np.uint8)
    times = max(1, _MOVED // (_TRIES * half))

    def copy() -> None:
        for _ in range(times):
            np.copyto(goal, source)

    return 2 * half * times / _fastest(copy)


def _fastest(run: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs, after one to warm up."""
    run()
    seconds = []
    for _ in range(_TRIES):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _product(op: str) -> Callable[[], object]:
    session, fed = _session(op)
    return lambda: session.run(None, fed)


@cache
def _session(op: str) -> tuple[Any, dict[str, Any]]:
    """A product of two square matrices, of float32 or of uint8 by int8, on one thread."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    whole = op == "MatMulInteger"
    kinds = (TensorProto.UINT8, TensorProto.INT32) if whole else (TensorProto.FLOAT,) * 2
    draw = np.random.default_rng(0)
    weights = draw.integers(-100, 100, (_SIDE, _SIDE)).astype(np.int8 if whole else np.float32)
    fed = draw.integers(0, 200, (_SIDE, _SIDE)).astype(np.uint8 if whole else np.float32)
    ends = [
        helper.make_tensor_value_info(name, kind, (_SIDE, _SIDE))
        for name, kind in zip("ac", kinds, strict=True)
    ]
    graph = helper.make_graph(
        [helper.make_node(op, ["a", "b"], ["c"])],
        "product",
        ends[:1],
        ends[1:],
        [numpy_helper.from_array(weights, "b")],
    )
    opset = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session, {"a": fed}
