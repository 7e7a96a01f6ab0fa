"""A kit's module holds what its model needs, and no more; what it cannot do is refused."""

import pytest

from convert.errors import UnsupportedError
from convert.kits.module import module
from convert.manifest import Manifest
from convert.preprocessing import (
    AnchorSpec,
    BoxDecoding,
    Postprocessing,
    Preprocessing,
    Resampling,
)
from convert.signature import Signature

from .node import SIZE, made_of, spec


def test_only_what_a_model_needs_is_written(manifest: Manifest) -> None:
    texts = {}
    anchors = AnchorSpec(input_size=SIZE, strides=(8, 16))
    for name, post in {
        "labels": Postprocessing(decode="argmax", unpad=True, restore=Resampling(method="nearest")),
        "boxes": Postprocessing(boxes=BoxDecoding(boxes="boxes", scores="scores", anchors=anchors)),
    }.items():
        signature = Signature(
            inputs=(spec("image", (1, *SIZE, 3)),), outputs=(spec("logits", (1, 12, 10, 5)),)
        )
        texts[name] = module(
            made_of(manifest, Preprocessing(size=SIZE), post, signature), testable=False
        )["model.js"]
    assert "function suppress(" in texts["boxes"]
    assert "function suppress(" not in texts["labels"]
    assert "function antialiased(" not in texts["boxes"]


def test_tensors_that_javascript_has_no_numbers_for_are_refused(manifest: Manifest) -> None:
    signature = Signature(
        inputs=(spec("image", (1, *SIZE, 3)),), outputs=(spec("ids", (1, 3), dtype="int64"),)
    )
    with pytest.raises(UnsupportedError, match="ids is int64"):
        module(
            made_of(manifest, Preprocessing(size=SIZE), Postprocessing(), signature),
            testable=False,
        )
