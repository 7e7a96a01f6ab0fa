"""What one format asks of its files beyond what every target promises."""

import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from convert.graph.run import function
from convert.vocabulary import DEFAULT_SCHEMES, Layout

from .nets import core_of, hard_swish, picture
from .written import (
    METADATA,
    Kind,
    Written,
    check_closeness,
    export,
    job,
    ops,
    tflite_entries,
)


def test_transposes_stand_at_the_ends_of_onnx_files_only(written: dict[Kind, Written]) -> None:
    for scheme in DEFAULT_SCHEMES:
        assert ops(written["onnx", scheme, "NCHW"])["Transpose"] == 0
        assert ops(written["onnx", scheme, "NHWC"])["Transpose"] <= 2


def test_onnx_files_pass_their_own_checker(written: dict[Kind, Written]) -> None:
    import onnx

    for kind, file in written.items():
        if kind[0] == "onnx":
            onnx.checker.check_model(str(file.path), full_check=True)


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


def test_a_tflite_file_carries_the_standard_metadata_and_labels(
    written: dict[Kind, Written],
) -> None:
    for scheme in DEFAULT_SCHEMES:
        file = written["tflite", scheme, "NHWC"]
        assert tflite_entries(file)["TFLITE_METADATA"][4:8] == b"M001"
        with zipfile.ZipFile(file.path) as archive:
            assert archive.read("labels.txt").decode().split() == list(METADATA.labels)
