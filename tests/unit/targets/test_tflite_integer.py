"""Every kind of operator computes in integers what it computes in floating point."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convert.graph.graph import Graph
from convert.graph.passes import PASSES
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantization import Decisions, Kernel
from convert.runtimes import for_target
from convert.signature import Signature
from convert.sources.tflite.reader import read_tflite
from convert.targets import tflite
from convert.targets.base import Export, Metadata
from convert.targets.tflite_integer.dynamic import dynamic
from convert.targets.tflite_integer.network import Network, read, write
from convert.targets.tflite_integer.write import full_integer

SHAPE = (1, 16, 24, 8)
STEPS = 5
"""How far an answer may be off: a few roundings on the way, one at the end."""


def weights(*shape: int) -> np.ndarray:
    random = np.random.default_rng(sum(shape))
    return random.normal(0, 0.3, shape).astype(np.float32)


def conv(x: Any, channels: int = 8, side: int = 1) -> Any:
    tf = tensorflow()
    x = tf.nn.conv2d(x, weights(side, side, x.shape[-1], channels), 1, "SAME")
    return tf.nn.bias_add(x, weights(channels))


def depthwise(x: Any) -> Any:
    tf = tensorflow()
    x = tf.nn.depthwise_conv2d(x, weights(3, 3, 8, 2), [1] * 4, "SAME")
    return tf.nn.relu6(tf.nn.bias_add(x, weights(16)))


def transposed(x: Any) -> Any:
    tf = tensorflow()
    shape = (1, SHAPE[1] * 2, SHAPE[2] * 2, 4)
    x = tf.compat.v1.nn.conv2d_transpose(x, weights(2, 2, 4, 8), shape, 2, "SAME")
    return tf.nn.bias_add(x, weights(4))


def hard_swish(x: Any) -> Any:
    return x * tensorflow().nn.relu6(x + 3.0) * (1 / 6)


def prelu(x: Any) -> Any:
    """As Keras writes it, which the converter knows again."""
    tf = tensorflow()
    return tf.nn.relu(x) + np.linspace(-0.5, 1.5, 8, dtype=np.float32) * -tf.nn.relu(-x)


def pooled(x: Any, how: str, window: tuple[int, int], padding: str = "VALID") -> Any:
    pool = getattr(tensorflow().nn, f"{how}_pool2d")
    return pool(x, window, [1, 1] if padding == "SAME" else window, padding)


def product(x: Any) -> Any:
    tf = tensorflow()
    x = tf.matmul(tf.reshape(pooled(x, "avg", SHAPE[1:3]), [1, 8]), weights(8, 5))
    return tf.nn.relu(tf.nn.bias_add(x, weights(5)))


def resized(x: Any, method: str) -> Any:
    size = (SHAPE[1] * 2, SHAPE[2] * 2)
    return tensorflow().image.resize(conv(x), size, method)


def bodies() -> dict[str, Callable[[Any], Any]]:
    """Name of the file's output -> what it is of the picture's [1, H, W, 8]."""
    tf = tensorflow()
    return {
        "convolution": lambda x: tf.nn.relu6(conv(x, side=3)),
        "depthwise": depthwise,
        "transposed": lambda x: transposed(conv(x)),
        "product": product,
        "sum": lambda x: tf.nn.relu(conv(x, side=3) + conv(x)),
        "sum_with_constant": lambda x: conv(x, side=3) + weights(1, 1, 1, 8),
        "difference": lambda x: conv(x, side=3) - conv(x),
        "product_of_two": lambda x: conv(x) * conv(x, side=3),
        "gate": lambda x: conv(x) * tf.sigmoid(conv(pooled(x, "avg", SHAPE[1:3]))),
        "hard_swish": lambda x: conv(hard_swish(conv(x, side=3))),
        "hard_swish_of_two": lambda x: hard_swish(conv(x) + conv(x, side=3)),
        "prelu": lambda x: conv(prelu(conv(x) + conv(x, side=3))),
        "leaky": lambda x: tf.nn.leaky_relu(conv(x), 0.2),
        "lone_relu": lambda x: tf.nn.relu(tf.reshape(conv(x), [1, 24, 16, 8])),
        "sigmoid": lambda x: tf.sigmoid(conv(x)),
        "tanh": lambda x: tf.tanh(conv(x)),
        "softmax": lambda x: tf.nn.softmax(conv(x)),
        "mean": lambda x: tf.reduce_mean(conv(x), [1, 2], keepdims=True),
        "whole_average": lambda x: pooled(conv(x), "avg", SHAPE[1:3]),
        "average": lambda x: pooled(conv(x), "avg", (2, 3)),
        "padded_average": lambda x: pooled(conv(x), "avg", (3, 3), "SAME"),
        "maximum": lambda x: tf.maximum(conv(x), conv(x, side=3)),
        "minimum_with_constant": lambda x: tf.minimum(conv(x), weights(1, 1, 1, 8)),
        "max_pool": lambda x: pooled(conv(x), "max", (2, 2)),
        "concat": lambda x: conv(tf.concat([conv(x), 3 * conv(x, side=3)], 3)),
        "concat_with_sigmoid": lambda x: tf.concat([tf.sigmoid(conv(x)), conv(x, side=3)], 3),
        "concat_of_shared": lambda x: tf.concat([y := conv(x), 9 * conv(x, side=3), conv(y)], 3),
        "pad": lambda x: tf.pad(conv(x), [[0, 0], [1, 2], [0, 1], [0, 0]]),
        "bilinear": lambda x: resized(x, "bilinear"),
        "nearest": lambda x: resized(x, "nearest"),
        "transpose": lambda x: tf.transpose(conv(x), [0, 2, 1, 3]),
        "slice": lambda x: conv(x)[:, 2:12:2, 1:-1],
        "split": lambda x: tf.split(conv(x), 2, 3)[0] + tf.split(conv(x, side=3), 2, 3)[1],
        "stack": lambda x: tf.stack([conv(x), conv(x, side=3)], 1),
        "space_to_depth": lambda x: tf.nn.space_to_depth(conv(x), 2),
        "depth_to_space": lambda x: tf.nn.depth_to_space(conv(x), 2),
        "no_integer_kernel": lambda x: conv(conv(x) / (tf.exp(conv(x, side=3)) + 1.0)),
    }


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype(np.float32)


def pictures() -> Iterator[np.ndarray]:
    return (picture(seed) for seed in range(3))


def graph(built_of: dict[str, Callable[[Any], Any]]) -> Graph:
    tf = tensorflow()
    with tf.Graph().as_default() as built:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="image")
        for name, body in built_of.items():
            with tf.name_scope(f"within_{name}"):
                given = body(image)
            tf.identity(given, name=name)
    whole = Graph(graph_def=built.as_graph_def(), inputs=("image",), outputs=tuple(built_of))
    return whole.pruned()


def decided(
    core: Graph,
    kept_float: frozenset[str] = frozenset(),
    pictures: Callable[[], Iterator[np.ndarray]] = pictures,
) -> Export:
    """The core with nearest kernels, and the ranges of the very pictures it is tested on."""
    kernels: dict[str, Kernel] = {}
    for node in core.graph_def.node:
        if node.op in ("Conv2D", "MatMul", "DepthwiseConv2dNative"):
            kernels[core.through_identity(node.input[1]).name] = nearest(core, node)
    nodes = type(core.graph_def)()
    nodes.CopyFrom(core.graph_def)
    for node in nodes.node:
        if node.name in kernels:
            proto = tensorflow().make_tensor_proto(kernels[node.name].values)
            node.attr["value"].tensor.CopyFrom(proto)
    gridded = replace(core, graph_def=nodes)
    names = [name for name in floats(core) if core.constant(name) is None]
    given = [function(gridded, *names)(one) for one in pictures()]
    ends = [(min(a.min() for a in of), max(a.max() for a in of)) for of in zip(*given, strict=True)]
    ranges = {
        name: (min(0.0, float(low)), max(0.0, float(high)))
        for name, (low, high) in zip(names, ends, strict=True)
    }
    return Export(
        core=gridded,
        scheme="uint8",
        layout="NHWC",
        metadata=Metadata(
            name="tiny",
            description="All kinds of operators.",
            license="Apache-2.0",
            labels=(),
            preprocessing=Preprocessing(size=SHAPE[1:3]),
            postprocessing=Postprocessing(decode="argmax"),
        ),
        calibration=pictures,
        decisions=Decisions(kernels=kernels, ranges=ranges, kept_float=kept_float),
    )


def nearest(core: Graph, node: Any) -> Kernel:
    values = core.constant(node.input[1])
    assert values is not None
    wide = node.op == "DepthwiseConv2dNative"
    channels = values.reshape(-1, values[0, 0].size if wide else values.shape[-1])
    scales = (np.maximum(np.abs(channels).max(axis=0), 1e-20) / 127).astype(np.float32)
    codes = np.rint(values / (scales.reshape(values.shape[2:]) if wide else scales))
    return Kernel(codes=codes.astype(np.int8), scales=scales, depthwise=wide)


def floats(core: Graph) -> list[str]:
    operations = core.imported().get_operations()
    return [
        one.name for one in operations if one.outputs and one.outputs[0].dtype.name == "float32"
    ]


def answers(path: Path, signature: Signature) -> dict[str, np.ndarray]:
    session = for_target("tflite").open_session(path, signature, 1)
    return dict(session.run({"image": picture(1)}))


def ran(job: Export, folder: Path) -> tuple[dict[str, np.ndarray], Signature]:
    signature = tflite.export(job, folder)
    return answers(folder / tflite.FILE, signature), signature


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


def answers_of_float(path: Path, job: Export) -> tuple[dict[str, np.ndarray], Network]:
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path)).get_signature_runner()
    return runner(**{job.core.inputs[0]: picture(1)}), read(path.read_bytes())


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


REAL = [
    "face_detection_short_range.bin",
    "face_landmark.bin",
    "segm_lite_v681.tflite",
    "selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16.tflite",
]


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_model_runs_wholly_on_xnnpack_and_answers_alike(
    shared: Path, tmp_path: Path, name: str
) -> None:
    (path,) = (shared / "mirror").rglob(name)
    core = read_tflite(path).graph
    for step in PASSES.values():
        core = step(core)
    shape = core.shapes()[core.inputs[0]]
    assert shape is not None
    files = sorted((shared / "data/VOC2012/JPEGImages").iterdir())[:3]
    images = [Image.open(file).resize((int(shape[2] or 0), int(shape[1] or 0))) for file in files]
    seen = [np.asarray(image, np.float32)[np.newaxis] / 127.5 - 1 for image in images]
    job = decided(core, pictures=lambda: iter(seen))
    signature = tflite.export(job, tmp_path)
    session = for_target("tflite").open_session(tmp_path / tflite.FILE, signature, 1)
    # The ends change between uint8 and int8, which XNNPACK leaves to LiteRT.
    ends = len(core.inputs) + len(core.outputs)
    assert session.facts.delegated_ops == session.facts.total_ops - ends
    found = session.run({core.inputs[0]: seen[0]})
    for output, wanted in zip(core.outputs, function(core)(seen[0]), strict=True):
        if wanted.size > 1:
            assert np.corrcoef(found[output].ravel(), wanted.ravel())[0, 1] > 0.95


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
