"""A kit's JavaScript reads outputs as Python does, for whatever a manifest may say of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.manifest import Manifest
from convert.pictures.answer import answer
from convert.pictures.prepare import prepare
from convert.preprocessing import (
    AnchorSpec,
    BoxDecoding,
    MergedDecoding,
    PictureDecoding,
    PointDecoding,
    Postprocessing,
    Preprocessing,
    Resampling,
    Upright,
    Upsampling,
)
from convert.runtimes.tensors import decode, encode
from convert.signature import Quantization, Signature

from .node import SIZE, ask, drawn, job, made_of, needs_node, spec

pytestmark = needs_node

ALIGN, LEGACY = Resampling(corners="align"), Resampling(corners="legacy")
NEAREST = Resampling(method="nearest")
PICTURES = ((37, 53), (60, 41))
MAP = {"logits": (1, 12, 10, 5)}

BOXES = BoxDecoding(
    boxes="boxes",
    scores="scores",
    anchors=AnchorSpec(input_size=SIZE, strides=(8, 16), aspect_ratios=(1.0, 2.0)),
    scale=(10, 10, 5, 5),
    size_coding="exponential",
    activation="sigmoid",
    background=True,
    score_threshold=0.6,
)
FACES = BoxDecoding(
    boxes="boxes",
    scores="scores",
    anchors=AnchorSpec(input_size=SIZE, strides=(8, 16, 16), fixed_anchor_size=True, step=0.01),
    order="xywh",
    scale=(20, 20, 30, 30),
    keypoints=2,
    activation="softmax",
    score_threshold=0.3,
    per_class=False,
)
YOLO: dict[str, Any] = {"score_threshold": 0.5, "iou_threshold": 0.4}
# [N, ...] of the anchors above: 3 x 3 x 3 + 2 x 2 x 3, and 3 x 3 x 2 + 2 x 2 x 4 = 34.
ANSWERS: dict[str, tuple[Postprocessing, dict[str, tuple[int, ...]]]] = {
    "labels": (Postprocessing(decode="argmax", unpad=True, restore=NEAREST), MAP),
    "upsampled labels": (
        Postprocessing(
            upsample=Upsampling(size=SIZE, resampling=ALIGN), decode="argmax", restore=NEAREST
        ),
        MAP,
    ),
    "probabilities": (Postprocessing(decode="softmax", restore=LEGACY), MAP),
    "a mask": (
        Postprocessing(decode="sigmoid", unpad=True, restore=Resampling(antialias=True)),
        {"logits": (1, 12, 10, 1)},
    ),
    "scores": (Postprocessing(decode="softmax"), {"logits": (1, 11)}),
    "points": (
        Postprocessing(points=PointDecoding(columns=3, units="fractions")),
        {"points": (1, 30)},
    ),
    "a picture": (
        Postprocessing(picture=PictureDecoding(scale=127.5, offset=127.5, channels="BGR")),
        {"logits": (1, 24, 20, 3)},
    ),
    "tensors": (Postprocessing(), {"b": (1, 4, 3), "a": (1, 5)}),
    "boxes": (
        Postprocessing(boxes=BOXES),
        {"boxes": (1, 39, 4), "scores": (1, 39, 4)},
    ),
    "faces": (Postprocessing(boxes=FACES), {"boxes": (1, 34, 8), "scores": (1, 34, 3)}),
    "merged": (
        Postprocessing(merged=MergedDecoding(objectness=True, **YOLO)),
        {"rows": (1, 40, 8)},
    ),
    "merged corners": (
        Postprocessing(
            merged=MergedDecoding(transposed=True, box="xyxy", units="fractions", **YOLO)
        ),
        {"rows": (1, 7, 40)},
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_outputs_become_the_same_answer(name: str, manifest: Manifest, tmp_path: Path) -> None:
    post, shapes = ANSWERS[name]
    pre = Preprocessing(size=SIZE, resize="letterbox", anchor="center")
    signature = Signature(
        inputs=(spec("image", (1, *SIZE, 3)),),
        outputs=tuple(spec(output, shape) for output, shape in shapes.items()),
    )
    random = np.random.default_rng(11)
    jobs = []
    for size in PICTURES:
        outputs = {
            output: random.uniform(
                0 if post.merged else -2, 20 if name == "merged" else 2, shape
            ).astype(np.float32)
            for output, shape in shapes.items()
        }
        if name == "merged":  # chances, after four numbers in pixels
            outputs["rows"][..., 4:] /= 20
        if name == "merged corners":
            outputs["rows"] /= 2
            outputs["rows"][:, 2:4] += outputs["rows"][:, :2]
        jobs.append((drawn(*size), outputs))
    said = ask(made_of(manifest, pre, post, signature), [job(*one) for one in jobs], tmp_path)
    for (picture, outputs), one in zip(jobs, said, strict=True):
        wanted = answer(outputs, post, prepare(picture, pre).placement)
        assert wanted.size > 0
        np.testing.assert_allclose(one["answer"], wanted.ravel(), rtol=1e-4, atol=1e-3)


_ANGLES = """
import {answer, prepare} from './model.js';
import {readFileSync} from 'node:fs';
const [{picture, height, width, outputs}] = JSON.parse(readFileSync('jobs.json'));
const {placement} = prepare({height, width, data: Uint8Array.from(picture)});
const read = Object.fromEntries(Object.entries(outputs).map(([name, {shape, data}]) =>
  [name, {shape, data: Float32Array.from(data)}]));
process.stdout.write(JSON.stringify(answer(read, placement).detections));
"""


@pytest.mark.parametrize(
    "line", [None, Upright(start=0, end=1), Upright(start=1, end=0, degrees=90)]
)
def test_a_detection_tells_how_far_it_is_turned(
    line: Upright | None, manifest: Manifest, tmp_path: Path
) -> None:
    post = Postprocessing(boxes=FACES.model_copy(update={"upright": line}))
    shapes = {"boxes": (1, 34, 8), "scores": (1, 34, 3)}
    signature = Signature(
        inputs=(spec("image", (1, *SIZE, 3)),),
        outputs=tuple(spec(output, shape) for output, shape in shapes.items()),
    )
    random = np.random.default_rng(11)
    outputs = {n: random.uniform(-2, 2, shape).astype(np.float32) for n, shape in shapes.items()}
    made = made_of(manifest, Preprocessing(size=SIZE, resize="letterbox"), post, signature)
    found = ask(made, [job(drawn(31, 45), outputs)], tmp_path, _ANGLES)
    assert len(found) > 3
    for one in found:
        places = np.array([[point["x"], point["y"]] for point in one["keypoints"]])
        if line is None:
            assert one["angle"] == 0
            continue
        # Turned back by its angle, the line points where it points when nothing is turned.
        across, down = places[line.end] - places[line.start]
        back = np.exp(-1j * one["angle"]) * complex(across, down)
        assert np.angle(back) == pytest.approx(-np.deg2rad(line.degrees), abs=1e-4)
        assert -np.pi <= one["angle"] < np.pi


def test_quantized_tensors_in_channels_first_order_are_read_and_written(
    manifest: Manifest, tmp_path: Path
) -> None:
    pre = Preprocessing(size=SIZE, mean=(127.5,) * 3, scale=(1 / 127.5,) * 3)
    quantization = Quantization(scale=0.0079, zero_point=-1)
    signature = Signature(
        inputs=(
            spec("image", (1, 3, *SIZE), dtype="int8", layout="NCHW", quantization=quantization),
        ),
        outputs=(
            spec("map", (1, 5, 12, 10), dtype="int8", layout="NCHW", quantization=quantization),
        ),
    )
    post = Postprocessing(restore=Resampling())
    picture = drawn(37, 53)
    raw = np.random.default_rng(2).integers(-128, 128, (1, 5, 12, 10)).astype(np.float32)
    (said,) = ask(made_of(manifest, pre, post, signature), [job(picture, {"map": raw})], tmp_path)
    prepared = prepare(picture, pre)
    fed = encode({"image": prepared.tensor}, signature)["image"]
    np.testing.assert_array_equal(said["data"], fed.ravel())
    wanted = answer(decode({"map": raw}, signature), post, prepared.placement)
    np.testing.assert_allclose(said["answer"], wanted.ravel(), atol=1e-5)
