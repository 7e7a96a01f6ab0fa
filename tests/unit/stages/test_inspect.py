"""`inspect` finds the names, sizes and values of real frozen graphs without any recipe."""

import json
import time
from pathlib import Path

import pytest

from convert.anatomy import Anatomy
from convert.errors import SourceError
from convert.stages.inspect import inspect


def only(folder, pattern):
    (found,) = (folder / "mirror").rglob(pattern)
    return found


def test_a_real_deeplab_is_read_completely(shared):
    begun = time.monotonic()
    anatomy = inspect(only(shared, "*513px/frozen_inference_graph.pb"))
    cut, front, back = anatomy.cut, anatomy.front, anatomy.back
    assert (cut.original_input, cut.original_output) == ("ImageTensor", "SemanticPredictions")
    assert (cut.input, cut.output) == ("sub_7", "ResizeBilinear_2")
    pre = front.preprocessing
    assert (pre.size, pre.pad_value, pre.mean) == ((513, 513), 127.5, (127.5,) * 3)
    assert pre.scale == pytest.approx((2 / 255,) * 3)
    assert pre.anchor == "top_left"
    assert front.confirmed
    assert front.resized_outside
    assert back.postprocessing.decode == "argmax"
    assert back.postprocessing.unpad
    assert back.postprocessing.restore.method == "nearest"
    assert [a.output for a in back.alternatives] == ["logits/semantic/BiasAdd"]
    assert not front.missing
    assert not back.missing
    assert (anatomy.task, anatomy.classes) == ("segmentation", 21)
    assert anatomy.core.macs == pytest.approx(2.84e9, rel=0.02)  # as its authors publish it
    assert anatomy.core.cannot == {}
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize(
    ("pattern", "size", "macs"),
    [
        ("mobilenet_v1_0.25_128/frozen_graph.pb", 128, 14e6),
        ("mobilenet_v1_0.25_160/frozen_graph.pb", 160, 21e6),
        ("mobilenet_v1_0.75_224/quantized_graph.pb", 224, 325e6),
    ],
)
def test_real_mobilenets_are_read_with_their_normalization(shared, pattern, size, macs):
    anatomy = inspect(only(shared, pattern))
    cut = anatomy.cut
    assert (cut.original_input, cut.input) == ("input", "input")
    assert cut.original_output == "MobilenetV1/Predictions/Reshape_1"
    assert cut.output == "MobilenetV1/Predictions/Reshape"
    assert anatomy.back.postprocessing.decode == "softmax"
    pre = anatomy.front.preprocessing
    assert pre.size == (size, size)
    assert pre.mean == (127.5,) * 3
    assert pre.scale == pytest.approx((1 / 127.5,) * 3)
    assert any("guess" in guess for guess in anatomy.front.guesses)
    assert not anatomy.front.confirmed
    assert (anatomy.task, anatomy.classes) == ("classification", 1001)
    assert anatomy.core.macs == pytest.approx(macs, rel=0.05)  # as its authors publish it
    assert anatomy.core.cannot == {}


def test_what_is_found_survives_json(shared):
    anatomy = inspect(only(shared, "mobilenet_v1_0.25_128/frozen_graph.pb"))
    assert Anatomy.model_validate(json.loads(anatomy.model_dump_json())) == anatomy
    assert anatomy.file.bytes == 1998252
    assert len(anatomy.file.sha256) == 64


def test_a_file_that_is_no_graph_is_an_error(tmp_path):
    path = tmp_path / "model.pb"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(SourceError):
        inspect(path)


def test_the_bundled_model_is_read_completely():
    path = Path(__file__).parents[3] / "models/raw/deeplab-shapes/frozen_inference_graph.pb"
    if not path.exists():
        pytest.skip(f"{path} has not been trained yet")
    anatomy = inspect(path)
    cut, pre, post = anatomy.cut, anatomy.front.preprocessing, anatomy.back.postprocessing
    assert (cut.original_input, cut.original_output) == ("ImageTensor", "SemanticPredictions")
    assert (pre.size, pre.resize, pre.rounding) == ((129, 129), "letterbox", "round")
    assert (pre.resampling.corners, pre.pad_value) == ("align", 127.5)
    assert pre.mean == (127.5,) * 3
    assert anatomy.front.confirmed
    assert not cut.resized_outside
    assert (post.decode, post.unpad) == ("argmax", True)
    assert (post.restore.method, post.restore.corners) == ("nearest", "align")
    assert not anatomy.front.guesses
    assert not anatomy.front.missing
    assert not anatomy.back.missing
    assert (anatomy.task, anatomy.classes) == ("segmentation", 6)
