"""Every target of the table writes files that say what they are and compute what the core does."""

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.errors import ConvertError
from convert.graph.cut import cut
from convert.graph.graph import Graph
from convert.graph.passes import PASSES
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantizers.decide import decide
from convert.quantizers.store_kernels import store_kernels
from convert.runtimes import for_target
from convert.signature import Signature
from convert.store import digest
from convert.targets import TARGETS
from convert.targets.base import Export, Metadata
from convert.vocabulary import DEFAULT_SCHEMES, Layout, Scheme, Target
from convert.vocabulary import TARGETS as TARGET_NAMES

SHAPE = (1, 17, 25, 3)
Kind = tuple[Target, Scheme, Layout]
KINDS: list[Kind] = [
    (target, scheme, layout)
    for target, scheme in product(TARGET_NAMES, DEFAULT_SCHEMES)
    for layout in (("NHWC", "NCHW") if target == "onnx" else ("NHWC",))
]
METADATA = Metadata(
    name="tiny tflite",
    description="A tiny net: ünïcode too",
    license="Apache-2.0",
    labels=("none", "disk", "square", "star"),
    preprocessing=Preprocessing(size=SHAPE[1:3], mean=(127.5,) * 3, scale=(1 / 127.5,) * 3),
    postprocessing=Postprocessing(decode="argmax"),
)


@dataclass(frozen=True)
class Written:
    """A file that a target wrote."""

    target: Target
    scheme: Scheme
    layout: Layout
    path: Path
    signature: Signature

    def answer(self, picture: np.ndarray) -> np.ndarray:
        session = for_target(self.target).open_session(self.path, self.signature, 1)
        return session.run({"image": picture})["logits"]


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype(np.float32)


def pictures() -> Iterator[np.ndarray]:
    return (picture(seed) for seed in range(10, 20))


def core_of(body: Callable[..., Any]) -> Graph:
    """What the road makes of a graph with an unfolded body: its core after all passes."""
    tf, random = tensorflow(), np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.35, shape).astype(np.float32)

    def norm(x: Any) -> Any:
        channels = x.shape[-1]
        positive = [np.abs(weights(channels)) + 0.5 for _ in range(2)]
        return tf.compat.v1.nn.fused_batch_norm(
            x, positive[0], weights(channels), weights(channels), positive[1], is_training=False
        )[0]

    with tf.Graph().as_default() as built:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="picture")
        tf.identity(body(tf, image, weights, norm), name="end")
    whole = Graph(graph_def=built.as_graph_def(), inputs=("picture",), outputs=("end",))
    core = cut(whole, start="picture", ends={"logits": "end"}, shape=SHAPE)
    for step in PASSES.values():
        core = step(core)
    return core


def segmenter(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    """DeepLab's parts: strided, atrous depthwise, residual, image pooling, corners aligned."""
    x = tf.nn.relu6(norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME")))
    y = tf.nn.depthwise_conv2d(x, weights(3, 3, 8, 1), [1] * 4, "SAME", dilations=[2, 2])
    y = norm(tf.nn.conv2d(tf.nn.relu6(norm(y)), weights(1, 1, 8, 8), 1, "SAME"))
    x = norm(tf.nn.relu6(x + y))  # a norm without a convolution before it
    pooled = tf.nn.conv2d(tf.reduce_mean(x, [1, 2], keepdims=True), weights(1, 1, 8, 8), 1, "SAME")
    pooled = tf.compat.v1.image.resize_bilinear(pooled, tf.shape(x)[1:3], align_corners=True)
    x = tf.nn.conv2d(tf.concat([x, pooled], 3), weights(1, 1, 16, 4), 1, "SAME")
    x = tf.nn.bias_add(x, weights(4))
    return tf.compat.v1.image.resize_bilinear(x, SHAPE[1:3], align_corners=True)


def classifier(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    """MobileNet's parts: [1, C] from a 1x1 convolution of a mean."""
    x = tf.nn.relu6(norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME")))
    x = tf.nn.conv2d(tf.reduce_mean(x, [1, 2], keepdims=True), weights(1, 1, 8, 4), 1, "SAME")
    return tf.squeeze(tf.nn.bias_add(x, weights(4)), [1, 2])


def hard_swish(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    x = norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME"))
    x = x * tf.nn.relu6(x + 3.0) * (1 / 6)
    return tf.nn.bias_add(tf.nn.conv2d(x, weights(1, 1, 8, 4), 1, "SAME"), weights(4))


def job(core: Graph, scheme: Scheme = "float32", layout: Layout = "NHWC") -> Export:
    return Export(core=core, scheme=scheme, layout=layout, metadata=METADATA, calibration=pictures)


def decided(order: Export, target: Target) -> Export:
    """An order of eight bits with what is decided for them."""
    if order.scheme != "uint8":
        return order
    if target == "tfjs":
        kept = store_kernels(order.core, pictures, channel_scales=False)
        return replace(order, core=kept.graph, storage=kept.storage)
    made = decide(order.core, pictures, answers="largest", entry=(-1.0, 1.0), known={})
    return replace(order, core=made.graph, decisions=made.decisions)


def export(target: Target, order: Export, folder: Path) -> Written:
    order = decided(order, target)
    signature = TARGETS[target].export(order, folder)
    path = folder / TARGETS[target].FILE
    return Written(target, order.scheme, order.layout, path, signature)


@pytest.fixture(scope="module")
def core() -> Graph:
    return core_of(segmenter)


@pytest.fixture(scope="module")
def written(core: Graph, tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Written]:
    return {
        (target, scheme, layout): export(
            target, job(core, scheme, layout), tmp_path_factory.mktemp(f"{target}-{scheme}")
        )
        for target, scheme, layout in KINDS
    }


@pytest.fixture(params=KINDS, ids="-".join)
def file(request: pytest.FixtureRequest, written: dict[Kind, Written]) -> Written:
    return written[request.param]


def check_closeness(file: Written, wanted: np.ndarray) -> None:
    found = file.answer(picture(1))
    assert found.shape == wanted.shape
    largest, extent = np.abs(found - wanted).max(), np.ptp(wanted)
    if file.scheme == "float32":
        assert largest <= 1e-4
    else:
        assert largest <= {"float16": 0.01, "uint8": 0.1}[file.scheme] * extent
        assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] >= 0.99


def test_a_file_computes_what_its_core_does(file: Written, core: Graph) -> None:
    check_closeness(file, function(core)(picture(1))[0])


@pytest.mark.parametrize(("target", "scheme", "layout"), KINDS)
def test_a_classifier_is_written_too(
    target: Target, scheme: Scheme, layout: Layout, tmp_path: Path
) -> None:
    core = core_of(classifier)
    file = export(target, job(core, scheme, layout), tmp_path)
    assert file.signature.outputs[0].shape == (1, 4)
    assert file.signature.outputs[0].layout is None
    check_closeness(file, function(core)(picture(1))[0])


def test_a_signature_says_what_was_asked_for(file: Written) -> None:
    (given,), (made,) = file.signature.inputs, file.signature.outputs
    height, width = SHAPE[1:3]
    shapes = {
        "NHWC": [(1, height, width, 3), (1, height, width, 4)],
        "NCHW": [(1, 3, height, width), (1, 4, height, width)],
    }
    assert [given.name, made.name] == ["image", "logits"]
    assert [given.shape, made.shape] == shapes[file.layout]
    assert given.layout == made.layout == file.layout


def test_only_the_full_integer_tflite_takes_and_gives_integers(file: Written) -> None:
    whole = file.target == "tflite" and file.scheme == "uint8"
    for spec in (*file.signature.inputs, *file.signature.outputs):
        assert spec.dtype == ("uint8" if whole else "float32")
        assert (spec.quantization is not None) == whole
    if whole:
        covered = file.signature.inputs[0].quantization
        assert covered.scale * 255 == pytest.approx(2, rel=0.02)  # calibrated on -1..1


def ops(file: Written) -> Counter[str]:
    """The operators of a file, by the names that its format has for them."""
    if file.target == "tfjs":
        topology = json.loads((file.path / "model.json").read_text())["modelTopology"]
        return Counter(node["op"] for node in topology["node"])
    if file.target == "onnx":
        return Counter(node.op_type for node in onnx_model(file).graph.node)
    codes = {number: name for name, number in vars(schema().BuiltinOperator).items()}
    model = tflite_model(file)
    used = (model.operatorCodes[op.opcodeIndex] for op in model.subgraphs[0].operators)
    return Counter(codes[code.builtinCode] for code in used)


def onnx_model(file: Written) -> Any:
    import onnx

    return onnx.load(str(file.path))


def schema() -> Any:
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def tflite_model(file: Written) -> Any:
    return schema().ModelT.InitFromPackedBuf(file.path.read_bytes(), 0)


def tflite_entries(file: Written) -> dict[str, bytes]:
    model = tflite_model(file)
    return {
        entry.name.decode(): bytes(model.buffers[entry.buffer].data) for entry in model.metadata
    }


def test_no_file_keeps_batch_norms_or_atrous_pairs(file: Written) -> None:
    names = {name.replace("_", "").lower() for name in ops(file)}
    assert names
    assert not [n for n in names if any(w in n for w in ("norm", "spacetobatch", "batchtospace"))]


def test_transposes_stand_at_the_ends_of_onnx_files_only(written: dict[Kind, Written]) -> None:
    for scheme in DEFAULT_SCHEMES:
        assert ops(written["onnx", scheme, "NCHW"])["Transpose"] == 0
        assert ops(written["onnx", scheme, "NHWC"])["Transpose"] <= 2


def test_onnx_files_pass_their_own_checker(written: dict[Kind, Written]) -> None:
    import onnx

    for kind, file in written.items():
        if kind[0] == "onnx":
            onnx.checker.check_model(str(file.path), full_check=True)


def test_tfjs_gets_no_operator_that_its_runtimes_refuse(tmp_path: Path) -> None:
    core = core_of(hard_swish)
    file = export("tfjs", job(core), tmp_path)
    assert not [op for op in ops(file) if "HardSwish" in op]
    check_closeness(file, function(core)(picture(1))[0])


def tfjs_weights(file: Written) -> dict[str, dict[str, Any]]:
    (group,) = json.loads((file.path / "model.json").read_text())["weightsManifest"]
    return {weight["name"]: weight for weight in group["weights"]}


def test_tfjs_stores_kernels_in_eight_bits_and_biases_as_they_are(
    written: dict[Kind, Written],
) -> None:
    weights = tfjs_weights(written["tfjs", "uint8", "NHWC"]).values()
    floats = [weight for weight in weights if weight["dtype"] == "float32"]
    kernels = [weight for weight in floats if len(weight["shape"]) == 4]
    vectors = [weight for weight in floats if len(weight["shape"]) == 1]
    stored = Counter(weight["quantization"]["dtype"] for weight in kernels)
    assert stored == {"uint8": 5}
    assert len(vectors) >= 4
    assert not [weight for weight in vectors if "quantization" in weight]


def test_tfjs_stores_all_weights_in_half_precision(written: dict[Kind, Written]) -> None:
    weights = tfjs_weights(written["tfjs", "float16", "NHWC"]).values()
    floats = [weight for weight in weights if weight["dtype"] == "float32"]
    assert {weight["quantization"]["dtype"] for weight in floats} == {"float16"}


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


def stored_metadata(file: Written) -> dict[str, Any]:
    """What a file says of itself, as its format keeps it."""
    if file.target == "tfjs":
        found = json.loads((file.path / "model.json").read_text())["userDefinedMetadata"]["convert"]
        return dict(found)
    if file.target == "tflite":
        return dict(json.loads(tflite_entries(file)["convert"]))
    plain = ("name", "description", "license")
    properties = {entry.key: entry.value for entry in onnx_model(file).metadata_props}
    types = properties.pop("quantization", None)  # chosen for this machine
    assert (types is not None) is (file.scheme == "uint8")
    return {k: v if k in plain else json.loads(v) for k, v in properties.items()}


def test_a_file_carries_its_metadata(file: Written) -> None:
    assert Metadata.model_validate_json(json.dumps(stored_metadata(file))) == METADATA


def test_a_tflite_file_carries_the_standard_metadata_and_labels(
    written: dict[Kind, Written],
) -> None:
    for scheme in DEFAULT_SCHEMES:
        file = written["tflite", scheme, "NHWC"]
        assert tflite_entries(file)["TFLITE_METADATA"][4:8] == b"M001"
        with zipfile.ZipFile(file.path) as archive:
            assert archive.read("labels.txt").decode().split() == list(METADATA.labels)


def test_the_same_order_gives_the_same_bytes(file: Written, core: Graph, tmp_path: Path) -> None:
    again = export(file.target, job(core, file.scheme, file.layout), tmp_path)
    assert digest(again.path) == digest(file.path)
    assert again.signature == file.signature


def test_nothing_but_the_file_is_left(file: Written) -> None:
    assert [path.name for path in file.path.parent.iterdir()] == [TARGETS[file.target].FILE]


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize(("height", "width"), [(65, 129), (33, 49), (19, 23)])
def test_an_onnx_file_enlarges_to_the_very_size(
    height: int, width: int, layout: Layout, tmp_path: Path
) -> None:
    """Scales in float32 make 9 -> 17 a 16."""

    def enlarging(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
        x = tf.nn.conv2d(image, weights(3, 3, 3, 4), 2, "SAME")
        return tf.compat.v1.image.resize_bilinear(x, (height, width), align_corners=True)

    core = core_of(enlarging)
    file = export("onnx", job(core, layout=layout), tmp_path)
    check_closeness(file, function(core)(picture(1))[0])


@pytest.mark.parametrize(("target", "code"), [("tflite", 5), ("tfjs", 5), ("onnx", 4)])
def test_an_operator_that_cannot_be_written_is_named(
    target: Target, code: int, tmp_path: Path
) -> None:
    def inexpressible(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
        flat = tf.reshape(image[..., :1], (17, 25))
        return tf.linalg.qr(flat, full_matrices=True).q

    with pytest.raises(ConvertError) as error:
        export(target, job(core_of(inexpressible)), tmp_path)
    assert error.value.exit_code == code
    assert "convert inspect" in (error.value.hint or "")
    assert "Qr" in error.value.message
    assert len(error.value.message) < 700
