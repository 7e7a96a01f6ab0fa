"""An integer onnx file computes what the core does, by the decided numbers, in integers."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.graph.graph import Graph, node_name
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantization import Decisions, Kernel
from convert.targets import onnx as target
from convert.targets.base import Export, Metadata
from convert.targets.same_tensors import nodes_seen

SHAPE = (1, 16, 24, 3)
METADATA = Metadata(
    name="tiny",
    description="A tiny net",
    license="Apache-2.0",
    labels=("none", "disk"),
    preprocessing=Preprocessing(size=SHAPE[1:3], mean=(127.5,) * 3, scale=(1 / 127.5,) * 3),
    postprocessing=Postprocessing(decode="argmax"),
)
Body = Callable[[Any, Any, Callable[..., Any]], Any]


def pictures() -> Iterator[np.ndarray]:
    for seed in range(4):
        random = np.random.default_rng(seed)
        yield random.uniform(-1, 1, SHAPE).astype(np.float32)


def layer(tf: Any, x: Any, weights: Callable[..., Any], out: int, size: int = 1) -> Any:
    kernel = weights(size, size, x.shape[-1], out)
    return tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME"), weights(out))


def depthwise(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    kernel = weights(3, 3, x.shape[-1], 1)
    return tf.nn.bias_add(tf.nn.depthwise_conv2d(x, kernel, [1] * 4, "SAME"), weights(x.shape[-1]))


def start(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    """Two layers, so that what follows stands behind an integer one."""
    return tf.nn.relu6(layer(tf, tf.nn.relu6(layer(tf, x, weights, 8, 3)), weights, 12))


def plain(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    return layer(tf, start(tf, x, weights), weights, 4)


def residual(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    x = start(tf, x, weights)
    return layer(tf, x + layer(tf, x, weights, 12), weights, 4)


def odd_depthwise(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    """A depthwise convolution of 12 channels."""
    return layer(tf, tf.nn.relu6(depthwise(tf, start(tf, x, weights), weights)), weights, 4)


def pooled(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    x = start(tf, x, weights)
    mean = layer(tf, tf.reduce_mean(x, [1, 2], keepdims=True), weights, 12)
    mean = tf.compat.v1.image.resize_bilinear(mean, SHAPE[1:3], align_corners=True)
    return layer(tf, tf.concat([mean, x], 3), weights, 4)


def excited(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    """Hard swish, and squeeze-and-excitation around 12 channels."""
    x = layer(tf, start(tf, x, weights), weights, 12)
    x = x * (tf.nn.relu6(x + 3.0) * (1 / 6))
    x = tf.nn.relu(depthwise(tf, x, weights))
    mean = tf.nn.relu(layer(tf, tf.reduce_mean(x, [1, 2], keepdims=True), weights, 4))
    return layer(tf, x * tf.sigmoid(layer(tf, mean, weights, 12)), weights, 4)


def deconvolved(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    x = layer(tf, start(tf, x, weights), weights, 16)
    x = x + tf.nn.relu(depthwise(tf, x, weights))
    sides = (1, 2 * SHAPE[1], 2 * SHAPE[2], 4)
    return tf.nn.conv2d_transpose(x, weights(2, 2, 4, 16), sides, 2, "SAME")


def enlarged(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    x = layer(tf, tf.nn.max_pool2d(start(tf, x, weights), 2, 2, "SAME"), weights, 4)
    return tf.compat.v1.image.resize_bilinear(x, SHAPE[1:3], align_corners=True)


def padded(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    """A residual whose channels are filled up with zeros."""
    x = start(tf, x, weights)
    return layer(tf, tf.pad(x, [[0, 0]] * 3 + [[0, 4]]) + layer(tf, x, weights, 16), weights, 4)


def classes(tf: Any, x: Any, weights: Callable[..., Any]) -> Any:
    mean = tf.reduce_mean(start(tf, x, weights), [1, 2])
    return tf.nn.bias_add(tf.matmul(mean, weights(12, 5)), weights(5))


BODIES: tuple[Body, ...] = (
    plain, residual, odd_depthwise, pooled, excited, deconvolved, enlarged, padded, classes,
)  # fmt: skip


def core_of(body: Body) -> Graph:
    tf, random = tensorflow(), np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    with tf.Graph().as_default() as built:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="image")
        tf.identity(body(tf, image, weights), name="logits")
    return Graph(graph_def=built.as_graph_def(), inputs=("image",), outputs=("logits",))


def rounded(values: np.ndarray, *, depthwise: bool) -> Kernel:
    axes = (0, 1) if depthwise else tuple(range(values.ndim - 1))
    scales = np.maximum(np.abs(values).max(axes) / 127, 1e-9).astype(np.float32)
    codes = np.rint(values / scales).astype(np.int8)
    return Kernel(codes=codes, scales=scales.reshape(-1), depthwise=depthwise)


def decided(core: Graph) -> tuple[Graph, Decisions]:
    """Kernels rounded to the nearest, ranges from the smallest to the largest value."""
    tf, kernels = tensorflow(), {}
    for node in core.graph_def.node:
        if node.op in ("Conv2D", "DepthwiseConv2dNative", "MatMul"):
            name, narrow = node_name(node.input[1]), node.op.startswith("Depthwise")
            kernels[name] = rounded(core.constant(name), depthwise=narrow)
    nodes = []
    for node in core.graph_def.node:
        written = type(node)()
        written.CopyFrom(node)
        if node.name in kernels:
            written.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(kernels[node.name].values))
        nodes.append(written)
    gridded = core.with_nodes(nodes)
    reach = {name: sight.reach for name, sight in nodes_seen(gridded, pictures()).items()}
    ranges = {name: (min(0.0, low), max(0.0, high)) for name, (low, high) in reach.items()}
    return gridded, Decisions(kernels=kernels, ranges=ranges)


@dataclass(frozen=True)
class Written:
    path: Path
    core: Graph
    decisions: Decisions

    def answers(self) -> np.ndarray:
        session = _session(self.path)
        name = session.get_inputs()[0].name
        return np.concatenate([session.run(None, {name: one})[0] for one in pictures()])

    def wanted(self) -> np.ndarray:
        call = function(self.core)
        return np.concatenate([call(one)[0] for one in pictures()])

    def kinds(self) -> Counter[str]:
        """What ONNX Runtime makes of the file."""
        import onnx

        optimized = self.path.with_name("optimized.onnx")
        _session(self.path, optimized)
        return Counter(node.op_type for node in onnx.load(optimized).graph.node)


def _session(path: Path, optimized: Path | None = None) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    if optimized:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def write(body: Body, folder: Path, *kept: str) -> Written:
    core, decisions = decided(core_of(body))
    if kept:
        decisions = replace(decisions, kept_float=frozenset(kept))
    job = Export(
        core=core,
        scheme="uint8",
        layout="NHWC",
        metadata=METADATA,
        calibration=pictures,
        decisions=decisions,
    )
    target.export(job, folder)
    return Written(folder / target.FILE, core, decisions)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_it_computes_what_the_core_does_in_integers(body: Body, tmp_path: Path) -> None:
    written = write(body, tmp_path)
    wanted = written.wanted()
    off, step = np.abs(written.answers() - wanted), np.ptp(wanted) / 255
    assert off.mean() < 2 * step
    assert off.max() < 12 * step
    kinds = written.kinds()
    assert kinds["QLinearConv"] + kinds["QGemm"] + kinds["QLinearMatMul"] >= 1
    assert kinds["Conv"] <= (2 if body is deconvolved else 1)
    behind = {"Add": 1, "Relu": 1} if body is deconvolved else {}
    for kind in ("Add", "Mul", "Concat", "AveragePool", "Clip", "Relu", "Sigmoid", "MaxPool"):
        assert kinds[kind] <= behind.get(kind, 0), kind


def test_a_kernel_is_stored_as_it_was_decided(tmp_path: Path) -> None:
    import onnx

    written = write(plain, tmp_path)
    stored = {
        value.name: onnx.numpy_helper.to_array(value)
        for value in onnx.load(written.path).graph.initializer
    }
    last = list(written.decisions.kernels.values())[-1]
    codes = last.codes.transpose(3, 2, 0, 1).astype(int)
    found = [v for v in stored.values() if v.shape == codes.shape and v.dtype != np.float32]
    assert any(np.array_equal(v.astype(int) - 128 * (v.dtype == np.uint8), codes) for v in found)
    assert any(np.array_equal(v, last.scales) for v in stored.values())


def test_a_narrow_depthwise_is_filled_up_to_sixteen_channels(tmp_path: Path) -> None:
    import onnx

    nodes = onnx.load(write(odd_depthwise, tmp_path).path).graph.node
    groups = [a.i for node in nodes for a in node.attribute if a.name == "group" and a.i > 1]
    assert groups == [16]


def test_a_layer_that_is_kept_stays_in_float(tmp_path: Path) -> None:
    whole, folder = write(plain, tmp_path), tmp_path / "kept"
    last = [n.name for n in whole.core.graph_def.node if n.op == "Conv2D"][-1]
    folder.mkdir()
    kept = write(plain, folder, last)
    assert kept.kinds()["Conv"] == whole.kinds()["Conv"] + 1
    off = [np.abs(one.answers() - one.wanted()).mean() for one in (whole, kept)]
    assert off[1] < off[0]


def test_any_node_can_be_kept_in_float(tmp_path: Path) -> None:
    whole, folder = write(residual, tmp_path), tmp_path / "kept"
    folder.mkdir()
    nodes = whole.core.graph_def.node
    add = next(n.name for n in nodes if n.op == "AddV2")
    last = [n.name for n in nodes if n.op == "Conv2D"][-1]
    # Of an Add alone, between integers, ONNX Runtime makes an integer one again.
    kept = write(residual, folder, add, last)
    assert whole.kinds()["QLinearAdd"] == 1
    assert kept.kinds()["QLinearAdd"] == 0


def test_the_same_decisions_give_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        write(excited, folder)
    assert len({(folder / target.FILE).read_bytes() for folder in folders}) == 1


def test_a_file_says_its_types(tmp_path: Path) -> None:
    import onnx

    properties = onnx.load(write(plain, tmp_path).path).metadata_props
    said = {one.key: one.value for one in properties}["quantization"]
    assert said.startswith(("U8S8: ", "U8U8: "))
