"""A kit's JavaScript makes the input of a picture that Python makes."""

from pathlib import Path

import numpy as np
import pytest

from convert.manifest import Manifest
from convert.pictures.prepare import prepare
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.signature import Signature

from .node import SIZE, ask, drawn, job, made_of, needs_node, spec

pytestmark = needs_node

ALIGN, LEGACY = Resampling(corners="align"), Resampling(corners="legacy")
NEAREST = Resampling(method="nearest")
PICTURES = ((37, 53), (60, 41), (20, 24), (1, 7))
PREPARATIONS = {
    "stretched": Preprocessing(size=SIZE),
    "aligned": Preprocessing(size=SIZE, resampling=ALIGN, resize="letterbox", pad_value=127.5),
    "legacy": Preprocessing(size=SIZE, resampling=LEGACY, rounding="floor", resize="letterbox"),
    "nearest": Preprocessing(size=SIZE, resampling=NEAREST, resize="shrink", anchor="center"),
    "nearest aligned": Preprocessing(
        size=SIZE, resampling=Resampling(method="nearest", corners="align"), rounding="ceil"
    ),
    "cropped": Preprocessing(size=SIZE, resize="crop", crop_fraction=0.875, channels="BGR"),
    "scaled": Preprocessing(
        size=SIZE, mean=(123.7, 116.8, 103.9), scale=(0.017, 0.018, 0.019), resize="letterbox"
    ),
    "antialiased": Preprocessing(size=SIZE, resampling=Resampling(antialias=True)),
}


@pytest.mark.parametrize("name", PREPARATIONS)
def test_a_picture_becomes_the_same_input(name: str, manifest: Manifest, tmp_path: Path) -> None:
    pre = PREPARATIONS[name]
    signature = Signature(inputs=(spec("image", (1, *SIZE, 3)),), outputs=(spec("logits", (1, 3)),))
    logits = {"logits": np.zeros((1, 3), np.float32)}
    pictures = [drawn(*size) for size in PICTURES]
    said = ask(
        made_of(manifest, pre, Postprocessing(), signature),
        [job(picture, logits) for picture in pictures],
        tmp_path,
    )
    for picture, one in zip(pictures, said, strict=True):
        wanted = prepare(picture, pre).tensor
        assert tuple(one["shape"]) == wanted.shape
        np.testing.assert_allclose(one["data"], wanted.ravel(), atol=1e-5 * np.ptp(wanted))
