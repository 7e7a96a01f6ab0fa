"""Small ONNX models made by onnx.helper, run by ONNX Runtime and by the Graph that is read."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.sources import SOURCES
from convert.sources.detect import detect

RANDOM = np.random.default_rng(0)
PICTURE = (1, 3, 9, 10)
Array = np.ndarray[Any, Any]


def normal(*shape: int) -> Array:
    return RANDOM.normal(size=shape).astype(np.float32)


def model(
    nodes: list[Any],
    weights: dict[str, Array] | None = None,
    shape: tuple[int | str | None, ...] = PICTURE,
    opset: int = 17,
    outputs: tuple[str, ...] = ("y",),
    out_type: int = TensorProto.FLOAT,
) -> Any:
    """A model from `x` to `y`."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, out_type, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def read(made: Any, folder: Path) -> Graph:
    path = folder / "tiny.onnx"
    path.write_bytes(made.SerializeToString())
    assert detect(path) == "onnx"
    return SOURCES["onnx"].read(path)


def by_onnxruntime(path: Path, feed: Array) -> list[Array]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: feed})


def agree(
    made: Any,
    folder: Path,
    feed: Array | None = None,
    atol: float = 1e-4,
    in_order: bool = False,
) -> Graph:
    """Both give the same; maps come out of the Graph as NHWC, unless `in_order`."""
    graph = read(made, folder)
    if feed is None:
        shape = [d.dim_value or 8 for d in made.graph.input[0].type.tensor_type.shape.dim]
        feed = normal(*shape)
    wanted = by_onnxruntime(folder / "tiny.onnx", feed)
    turned = graph.shapes()[graph.inputs[0]]
    is_map = feed.ndim == 4 and turned is not None and turned[1] != feed.shape[1]
    found = function(graph)(feed.transpose(0, 2, 3, 1) if is_map else feed)
    for want, got in zip(wanted, found, strict=True):
        if want.ndim == 4 and is_map and not in_order:
            want = want.transpose(0, 2, 3, 1)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, atol=atol)
    return graph


def transposes(graph: Graph) -> list[str]:
    return [n.name for n in graph.graph_def.node if n.op == "Transpose"]


def node(op: str, *inputs: str, output: str = "y", **attributes: Any) -> Any:
    return helper.make_node(op, list(inputs), [output], name=f"a {op} to {output}", **attributes)


def save(made: Any, path: Path) -> Path:
    onnx.save(made, str(path))
    return path
