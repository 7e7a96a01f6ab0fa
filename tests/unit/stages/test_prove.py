"""A cut is proven on pictures, and one that is wrong is stopped with the step that is to blame."""

import numpy as np
import pytest
from PIL import Image

from convert.errors import UnsupportedError, UsageError
from convert.graph.graph import Graph
from convert.graph.nodes import constant
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.runtimes.reference import Ends, Reference
from convert.stages.cut import cut
from convert.stages.prove import prove

SIDE = 32
PRE = Preprocessing(
    size=(SIDE, SIDE),
    resize="letterbox",
    pad_value=127.5,
    mean=(127.5,) * 3,
    scale=(1 / 127.5,) * 3,
)
POST = Postprocessing(decode="argmax", unpad=True, restore=Resampling(method="nearest"))
ENDS = Ends(
    original_input="picture",
    original_output="labels",
    start="ready",
    ends={"logits": "scores"},
    input_name="image",
    resized_outside=True,
)


def shaded(seed: int, height: int, width: int) -> np.ndarray:
    """A picture of soft shades, whose labels do not turn on half a grey level."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


SIZES = [(40, 61), (32, 32), (20, 32), (32, 25), (32, 9), (32, 32), (61, 40), (31, 32)]
PICTURES = [shaded(seed, *size) for seed, size in enumerate(SIZES)]


def weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).normal(0, 1, shape).astype(np.float32)


@pytest.fixture(scope="module")
def segmenter() -> Graph:
    """As DeepLab's exporter writes it: uint8 of free size, padded, normalised; labels cut back."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        picture = tf.compat.v1.placeholder(tf.uint8, (1, None, None, 3), name="picture")
        height, width = tf.unstack(tf.shape(picture)[1:3])
        spare = [[0, 0], [0, SIDE - height], [0, SIDE - width], [0, 0]]
        padded = tf.pad(tf.cast(picture, tf.float32) - 127.5, spare) + 127.5
        ready = tf.subtract(padded / 127.5, 1.0, name="ready")
        x = tf.nn.conv2d(tf.ensure_shape(ready, (1, SIDE, SIDE, 3)), weights(3, 3, 3, 8), 1, "SAME")
        x = tf.nn.relu6(x * np.linspace(0.5, 2, 8, dtype=np.float32))
        tf.nn.conv2d(x, weights(1, 1, 8, 4), 1, "SAME", name="scores")
        labels = tf.argmax(graph.get_tensor_by_name("scores:0"), 3)
        tf.identity(labels[:, :height, :width], name="labels")
    return Graph(graph_def=graph.as_graph_def(), inputs=("picture",), outputs=("labels",))


def proven(
    graph: Graph, pre=PRE, post=POST, ends=ENDS, change=lambda steps: steps, pictures=PICTURES
):
    steps = change(dict(cut(graph, ends, PRE.size)))
    return prove(Reference(graph, ends, pre, post), steps, pre, post, pictures)


def test_a_right_recipe_is_proven(segmenter: Graph):
    proof = proven(segmenter)
    assert (proof.images, proof.figure, proof.bound, proof.passed) == (8, "agreement", 0.999, True)
    assert proof.value >= 0.999


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": (123.68, 116.78, 103.94)},
        {"mean": (0.0,) * 3, "scale": (1 / 255,) * 3},
        {"scale": (1.0,) * 3},
        {"channels": "BGR"},
        {"pad_value": 0.0},
    ],
)
def test_wrong_preprocessing_is_stopped_and_blamed(segmenter: Graph, wrong: dict):
    with pytest.raises(UnsupportedError, match="they part at: preprocessing") as error:
        proven(segmenter, pre=PRE.model_copy(update=wrong))
    assert "the bound is 0.999" in error.value.message
    assert "inspect" in error.value.hint


@pytest.mark.parametrize(
    "wrong",
    [
        {"unpad": False},
        {"restore": Resampling(method="nearest", corners="align")},
    ],
)
def test_wrong_postprocessing_is_stopped_and_blamed(segmenter: Graph, wrong: dict):
    with pytest.raises(UnsupportedError, match="they part at: postprocessing"):
        proven(segmenter, post=POST.model_copy(update=wrong))


def test_an_answer_of_another_size_is_stopped_with_what_is_missing(segmenter: Graph):
    with pytest.raises(UsageError, match="40x61") as error:
        proven(segmenter, post=POST.model_copy(update={"restore": None}))
    assert "postprocessing.restore" in error.value.hint


def test_a_graph_is_not_blamed_for_what_it_is_given(segmenter: Graph):
    """Noise turns over labels by the half grey levels that are lost outside the uncut graph."""
    noise = [np.random.default_rng(1).integers(0, 256, (45, 61, 3), np.uint8)]
    with pytest.raises(UnsupportedError, match="they part at: preprocessing"):
        proven(segmenter, pictures=noise)


def spoilt(graph: Graph) -> Graph:
    """One kernel upside down."""
    kernel = next(
        n.name
        for n in graph.graph_def.node
        if (value := graph.constant(n.name)) is not None and value.ndim == 4
    )
    other = constant(kernel, -graph.constant(kernel))
    return graph.with_nodes(other if n.name == kernel else n for n in graph.graph_def.node)


STEPS = ["cut", "constants folded", "atrous pairs fused", "batch norm folded"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_breaks_the_graph_is_blamed(segmenter: Graph, step: str):
    def change(steps):
        assert list(steps)[:4] == STEPS
        broken = list(steps)[list(steps).index(step) :]
        return {k: spoilt(graph) if k in broken else graph for k, graph in steps.items()}

    with pytest.raises(UnsupportedError, match=f"they part at: {step}$"):
        proven(segmenter, change=change)


@pytest.fixture(scope="module")
def classifier() -> Graph:
    """As TF-Slim's: it is fed what is prepared already."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        ready = tf.compat.v1.placeholder(tf.float32, (1, SIDE, SIDE, 3), name="ready")
        x = tf.nn.relu6(tf.nn.conv2d(ready, weights(3, 3, 3, 8), 2, "SAME"))
        tf.matmul(tf.reduce_mean(x, [1, 2]), weights(8, 5), name="scores")
        tf.nn.softmax(graph.get_tensor_by_name("scores:0"), name="labels")
    return Graph(graph_def=graph.as_graph_def(), inputs=("ready",), outputs=("labels",))


def test_a_classifier_is_proven_by_its_scores(classifier: Graph):
    ends = Ends(**{**vars(ENDS), "original_input": "ready", "resized_outside": False})
    proof = proven(classifier, post=Postprocessing(decode="softmax"), ends=ends)
    assert (proof.figure, proof.bound, proof.passed) == ("difference", 1e-4, True)
    assert 0 <= proof.value <= 1e-4


@pytest.mark.parametrize("decode", ["none", "sigmoid"])
def test_scores_that_are_decoded_otherwise_are_blamed_on_postprocessing(
    classifier: Graph, decode: str
):
    ends = Ends(**{**vars(ENDS), "original_input": "ready", "resized_outside": False})
    with pytest.raises(UnsupportedError, match="they part at: postprocessing"):
        proven(classifier, post=Postprocessing(decode=decode), ends=ends)


def test_values_that_are_no_numbers_prove_nothing(classifier: Graph):
    def change(steps):
        kernel = next(n for n in steps["cut"].graph_def.node if n.op == "Const")
        nothing = np.full_like(steps["cut"].constant(kernel.name), np.nan)
        nodes = steps["cut"].graph_def.node
        other = constant(kernel.name, nothing)
        return {"cut": steps["cut"].with_nodes(other if n is kernel else n for n in nodes)}

    ends = Ends(**{**vars(ENDS), "original_input": "ready", "resized_outside": False})
    with pytest.raises(UnsupportedError, match="they part at: cut"):
        proven(classifier, post=Postprocessing(decode="softmax"), ends=ends, change=change)
