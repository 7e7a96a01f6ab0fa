"""Where two models part is found layer by layer, whatever their formats are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.difference import Layers
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.progress import Silence
from convert.quantizers.decide import Premises, decide
from convert.quantizers.methods import Methods
from convert.quantizers.store_kernels import store_kernels
from convert.stages.diff import diff
from convert.stages.layers import layers as layer_errors
from convert.targets import TARGETS
from convert.targets.base import Export, Metadata
from convert.traces import of_graph, open_trace
from convert.traces.base import Trace
from convert.vocabulary import Scheme, Target

SHAPE = (1, 16, 20, 3)
HURT = "second/Relu"
KINDS: tuple[tuple[Target, Scheme], ...] = (
    ("tflite", "float32"),
    ("onnx", "float32"),
    ("tfjs", "float32"),
    ("tflite", "uint8"),
    ("onnx", "uint8"),
    ("tfjs", "uint8"),
)
NAMED = {"first/Relu6", "second/Relu", "third/Relu6", "added"}
BOUNDS = {"float32": 0.99999, "uint8": 0.995}
PLAIN = Methods(
    equalize=False, ranges="min_max", hessian_rounding=False, upstream=False, refit_bias=False
)
QUANTIZED = [kind for kind in KINDS if kind[1] == "uint8"]


def picture(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype(np.float32)


def pictures() -> Iterator[np.ndarray]:
    return (picture(seed) for seed in range(10, 18))


def network(
    *, hurt: bool = False, factor: float = 1.0, undone: bool = True, pooled: bool = False
) -> Graph:
    """Four convolutions with biases and activations, an addition, and an end.

    `factor` makes a channel of the second one larger, which the third may undo; `pooled`: it reads
    the means of the channels.
    """
    tf, random = tensorflow(), np.random.default_rng(7)

    def layer(x: object, name: str, into: int, act: object, side: int = 3) -> object:
        kernel = random.normal(0, 0.4, (side, side, int(x.shape[-1]), into)).astype(np.float32)
        bias = random.normal(0, 0.4, into).astype(np.float32)
        if hurt and f"{name}/Relu" == HURT:
            kernel[..., ::2] *= -1
        if name == "second":
            kernel[..., 0] *= factor
            bias[0] *= factor
        if name == "third" and undone:
            kernel[:, :, 0] /= factor
        with tf.name_scope(name):
            made = tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME", name="Conv2D"), bias)
            return act(made, name=act.__name__.capitalize())

    with tf.Graph().as_default() as built:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="image")
        first = layer(image, "first", 8, tf.nn.relu6)
        second = layer(first, "second", 8, tf.nn.relu)
        if pooled:
            second = tf.reduce_mean(second, [1, 2], keepdims=True, name="pooled")
        third = layer(second, "third", 8, tf.nn.relu6)
        added = tf.add(first, third, name="added")
        layer(added, "last", 4, tf.identity, side=1)
        tf.identity(built.get_tensor_by_name("last/Identity:0"), name="logits")
    return Graph(graph_def=built.as_graph_def(), inputs=("image",), outputs=("logits",)).pruned()


class Files:
    """Exports of the two networks, each written when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._graphs = {hurt: network(hurt=hurt) for hurt in (False, True)}

    def graph(self) -> Trace:
        return of_graph(self._graphs[False], {"logits": "logits"})

    def path(self, target: Target, scheme: Scheme, *, hurt: bool = False) -> Path:
        folder = self._folder / f"{target}-{scheme}-{hurt}"
        if not folder.exists():
            folder.mkdir()
            job = self._job(target, scheme, self._graphs[hurt])
            TARGETS[target].export(_decided(job, target), folder)
        return folder / TARGETS[target].FILE

    def trace(self, target: Target, scheme: Scheme, *, hurt: bool = False) -> Trace:
        return open_trace(self.path(target, scheme, hurt=hurt), target)

    def _job(self, target: Target, scheme: Scheme, core: Graph) -> Export:
        return Export(
            core=core,
            scheme=scheme,
            layout="NCHW" if target == "onnx" else "NHWC",
            metadata=Metadata(
                name="small",
                description="",
                license="Apache-2.0",
                labels=(),
                preprocessing=Preprocessing(size=SHAPE[1:3]),
                postprocessing=Postprocessing(),
            ),
            calibration=pictures,
        )


def _decided(job: Export, target: Target) -> Export:
    """With what eight bits need: each weight at its nearest code, and channels as they are."""
    if job.scheme != "uint8":
        return job
    if target == "tfjs":
        stored = store_kernels(job.core, pictures, channel_scales=False, methods=PLAIN)
        return replace(job, core=stored.graph, storage=stored.storage)
    made = decide(
        job.core, pictures, Premises(answers="values", entry=(-1.0, 1.0), known={}, methods=PLAIN)
    )
    return replace(job, core=made.graph, decisions=made.decisions)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("traced"))


def compared(a: Trace, b: Trace, bound: float = 0.9) -> Layers:
    fed = [(picture(seed), picture(seed)) for seed in (1, 2)]
    return diff(a, b, fed, pictures="random", bound=bound, progress=Silence())


def named(kinds: Any) -> Any:
    return pytest.mark.parametrize(("target", "scheme"), kinds, ids=["-".join(k) for k in kinds])


@named(KINDS)
def test_a_trace_ends_as_the_file_answers(files: Any, target: Any, scheme: Any) -> None:
    trace = files.trace(target, scheme)
    (found,) = [trace.run(picture())[tensor] for tensor in trace.ends.values()]
    (wanted,) = function(network())(picture())
    turned = found.transpose(0, 2, 3, 1) if target == "onnx" else found
    assert np.abs(turned - wanted).max() <= (0.05 if scheme == "uint8" else 1e-5) * np.ptp(wanted)


@named(KINDS)
def test_every_named_layer_of_a_graph_is_found_in_its_files(
    files: Any, target: Any, scheme: Any
) -> None:
    found = compared(files.graph(), files.trace(target, scheme))
    layers = {one.a: one for one in found.layers}
    assert set(layers) >= NAMED | {"image", "logits"}
    assert all(layers[name].cosine > BOUNDS[scheme] for name in layers)
    assert found.first_under is None


@named(KINDS)
def test_weights_are_known_again_in_whatever_layout(files: Any, target: Any, scheme: Any) -> None:
    found = compared(files.graph(), files.trace(target, scheme))
    kernels = {one.values: one.moved for one in found.weights}
    assert set(kernels) >= {3 * 3 * 3 * 8, 3 * 3 * 8 * 8, 8 * 4}
    assert max(kernels.values()) < (0.02 if scheme == "uint8" else 1e-6)


@named(KINDS)
def test_a_damaged_layer_is_the_first_that_parts(files: Any, target: Any, scheme: Any) -> None:
    found = compared(files.graph(), files.trace(target, scheme, hurt=True))
    before = [one for one in found.layers if one.a.startswith("first/")]
    assert before
    assert all(one.cosine > 0.99 for one in before)
    assert found.first_under
    assert found.first_under.startswith("second/")
    worst = max(found.weights, key=lambda one: one.moved)
    assert worst.layer.startswith("second/")
    assert worst.moved > 1
    assert {one.a: one.cosine for one in found.layers}[HURT] < 0.9


@named(QUANTIZED[1:])
def test_two_quantized_files_of_different_formats_compare(
    files: Any, target: Any, scheme: Any
) -> None:
    sound = compared(files.trace("tflite", "uint8"), files.trace(target, scheme))
    hurt = compared(files.trace("tflite", "uint8"), files.trace(target, scheme, hurt=True))
    assert sound.first_under is None
    assert len(sound.layers) > len(NAMED)
    assert hurt.first_under
    assert hurt.first_under.startswith("second/Relu")


def test_channels_of_another_size_part_no_layer_but_what_follows_does() -> None:
    graph = of_graph(network(), {"logits": "logits"})
    equalized, halved = (network(hurt=False, factor=8.0, undone=undone) for undone in (True, False))
    same = compared(graph, of_graph(equalized, {"logits": "logits"}), bound=0.999)
    layers = {one.a: one for one in same.layers}
    assert layers["second/Relu"].cosine < 0.95 < 0.999 < layers["second/Relu"].cosine_rescaled
    assert same.first_under is None
    other = compared(graph, of_graph(halved, {"logits": "logits"}), bound=0.999)
    assert other.first_under
    assert other.first_under.startswith("third/")


def test_means_of_channels_of_another_size_part_no_layer() -> None:
    plain, moved = (network(factor=factor, pooled=True) for factor in (1.0, 8.0))
    pair = (of_graph(graph, {"logits": "logits"}) for graph in (plain, moved))
    found = compared(*pair, bound=0.999)
    layers = {one.a: one for one in found.layers}
    assert not layers["pooled"].rescalable
    assert layers["pooled"].cosine_rescaled < 0.95
    assert found.first_under is None


def test_a_file_is_equal_to_itself(files: Any) -> None:
    found = compared(files.trace("tflite", "uint8"), files.trace("tflite", "uint8"), bound=1.0)
    assert {(one.cosine > 1 - 1e-9, one.snr_db, one.max_error) for one in found.layers} == {
        (True, None, 0.0)
    }
    assert (found.only_a, found.only_b) == (0, 0)
    assert all(one.moved == 0 for one in found.weights)


def test_the_figures_of_a_layer_are_those_of_their_definitions(files: Any) -> None:
    a, b = files.trace("tflite", "float32"), files.trace("tflite", "uint8")
    found = {one.a: one for one in compared(a, b).layers}
    (end,) = a.ends.values()
    runs = [(a.run(picture(s))[end], b.run(picture(s))[found[end].b]) for s in (1, 2)]
    left, right = (np.stack(side).astype(np.float64).ravel() for side in zip(*runs, strict=True))
    error = left - right
    norms = np.linalg.norm(left) * np.linalg.norm(right)
    assert found[end].cosine == pytest.approx(left @ right / norms)
    assert found[end].snr_db == pytest.approx(10 * np.log10((left @ left) / (error @ error)))
    assert found[end].max_error == pytest.approx(np.abs(error).max())
    assert found[end].largest == pytest.approx(np.abs(left).max())


@pytest.mark.parametrize("target", ["tflite", "onnx"])
def test_what_an_audit_shows_of_layers_is_known_of_each_integer_target(
    files: Any, target: Target
) -> None:
    float32 = files.path(target, "float32")
    sound = layer_errors(float32, files.path(target, "uint8"), target, picture())
    hurt = layer_errors(float32, files.path(target, "uint8", hurt=True), target, picture())
    by_name = {one.layer: one for one in sound}
    assert len(by_name) == len(sound) >= 4
    # Eight bits leave a signal to noise ratio of some 30 dB, and more than none.
    assert all(20 < one.snr_db < 120 for one in sound[1:])
    assert all(0 < one.worst < 0.2 for one in sound[1:])
    lost = [one.layer for one in hurt if one.layer in by_name and one.snr_db < 5]
    assert any(layer.startswith("second/") for layer in lost)
    assert not any(layer.startswith("first/") for layer in lost)
