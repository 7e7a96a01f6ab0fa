"""A kit's JavaScript computes what Python computes, for whatever a manifest may say."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.errors import UnsupportedError
from convert.kits.module import module
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
from convert.signature import Quantization, Signature, TensorSpec

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not on PATH")

ALIGN, LEGACY = Resampling(corners="align"), Resampling(corners="legacy")
NEAREST = Resampling(method="nearest")
PICTURES = ((37, 53), (60, 41), (20, 24), (1, 7))
SIZE = (24, 20)
MAP = {"logits": (1, 12, 10, 5)}

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

_SCRIPT = """
import {answer, decode, encode, prepare} from './model.js';
import {flat} from './golden.js';
import {readFileSync} from 'node:fs';
const found = JSON.parse(readFileSync('jobs.json')).map(({picture, height, width, outputs}) => {
  const {tensors, placement} = prepare({height, width, data: Uint8Array.from(picture)});
  const read = Object.fromEntries(Object.entries(outputs).map(([name, {shape, data}]) =>
    [name, {shape, data: Float32Array.from(data)}]));
  const [{shape, data}] = tensors;
  return {shape, data: Array.from(data), answer: flat(answer(decode(read), placement))};
});
process.stdout.write(JSON.stringify(found));
"""


def made_of(
    manifest: Manifest, pre: Preprocessing, post: Postprocessing, signature: Signature
) -> Manifest:
    """A manifest that says this."""
    recipe = manifest.recipe.model_copy(update={"preprocessing": pre, "postprocessing": post})
    artifact = manifest.artifact.model_copy(update={"signature": signature})
    return manifest.model_copy(update={"recipe": recipe, "artifact": artifact})


def spec(name: str, shape: tuple[int, ...], **other: Any) -> TensorSpec:
    return TensorSpec(name=name, dtype=other.pop("dtype", "float32"), shape=shape, **other)


def ask(manifest: Manifest, jobs: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """What the kit's modules say of each job, in Node."""
    for name, text in module(manifest, testable=True).items():
        (folder / name).write_text(text)
    (folder / "ask.js").write_text(_SCRIPT)
    (folder / "jobs.json").write_text(json.dumps(jobs))
    done = subprocess.run(
        [str(NODE), "ask.js"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def drawn(height: int, width: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def job(picture: np.ndarray, outputs: dict[str, np.ndarray]) -> dict[str, Any]:
    told = {name: {"shape": o.shape, "data": o.ravel().tolist()} for name, o in outputs.items()}
    height, width, _ = picture.shape
    pixels = picture.ravel().tolist()
    return {"picture": pixels, "height": height, "width": width, "outputs": told}


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
    for size in PICTURES[:2]:
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
    for name, text in module(made, testable=True).items():
        (tmp_path / name).write_text(text)
    (tmp_path / "angles.js").write_text(_ANGLES)
    (tmp_path / "jobs.json").write_text(json.dumps([job(drawn(31, 45), outputs)]))
    done = subprocess.run(
        [str(NODE), "angles.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
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


def test_only_what_a_model_needs_is_written(manifest: Manifest) -> None:
    texts = {}
    for name, post in {
        "labels": ANSWERS["labels"][0],
        "boxes": Postprocessing(boxes=BOXES),
    }.items():
        signature = Signature(
            inputs=(spec("image", (1, *SIZE, 3)),), outputs=(spec("logits", MAP["logits"]),)
        )
        texts[name] = module(
            made_of(manifest, PREPARATIONS["stretched"], post, signature), testable=False
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
            made_of(manifest, PREPARATIONS["stretched"], Postprocessing(), signature),
            testable=False,
        )
