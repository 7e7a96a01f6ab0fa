"""Every target of the table writes files that say what they are and compute what the core does."""

import json
from pathlib import Path
from typing import Any

import pytest

from convert.errors import ConvertError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.store import digest
from convert.targets import TARGETS
from convert.targets.base import Metadata
from convert.vocabulary import Layout, Scheme, Target

from .nets import SHAPE, classifier, core_of, picture
from .written import (
    KINDS,
    METADATA,
    Written,
    check_closeness,
    export,
    job,
    onnx_model,
    ops,
    tflite_entries,
)


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


def test_no_file_keeps_batch_norms_or_atrous_pairs(file: Written) -> None:
    names = {name.replace("_", "").lower() for name in ops(file)}
    assert names
    assert not [n for n in names if any(w in n for w in ("norm", "spacetobatch", "batchtospace"))]


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


def test_the_same_order_gives_the_same_bytes(file: Written, core: Graph, tmp_path: Path) -> None:
    again = export(file.target, job(core, file.scheme, file.layout), tmp_path)
    assert digest(again.path) == digest(file.path)
    assert again.signature == file.signature


def test_nothing_but_the_file_is_left(file: Written) -> None:
    assert [path.name for path in file.path.parent.iterdir()] == [TARGETS[file.target].FILE]


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
