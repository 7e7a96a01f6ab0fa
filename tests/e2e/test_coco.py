"""`convert run coco-ssd --dataset DIR` on a folder laid out as COCO is, made of VOC's pictures."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage

from convert import recipes
from convert.datasets import open_split
from convert.pipeline.core import ends
from convert.recipe import DatasetChoice
from convert.report import Report
from convert.runtimes.reference import Reference
from convert.sources.tflite import read

pytestmark = [pytest.mark.slow, pytest.mark.shared]

NAMES = (
    *("airplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("dining table", "dog", "horse", "motorcycle", "person", "potted plant", "sheep", "couch"),
    *("train", "tv"),
)
"""COCO's names of VOC's classes 1 to 20."""
PICTURES = 24
SMALLEST = 400
"""Pixels of a region that gets a box: instances that touch share one."""


@pytest.fixture(scope="module")
def boxed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VOC's pictures, with a box around each region of a class."""
    root, voc = tmp_path_factory.mktemp("boxed"), shared / "data/VOC2012"
    (root / "val2017").mkdir()
    (root / "annotations").mkdir()
    names = (voc / "ImageSets/Segmentation/val.txt").read_text().split()[:PICTURES]
    images, annotations = [], []
    for number, name in enumerate(names):
        (root / f"val2017/{name}.jpg").symlink_to(voc / f"JPEGImages/{name}.jpg")
        labels = np.asarray(Image.open(voc / f"SegmentationClass/{name}.png"))
        height, width = labels.shape
        size = {"height": height, "width": width}
        images.append({"id": number, "file_name": f"{name}.jpg", **size})
        for box, kind in regions(labels):
            here = {"image_id": number, "category_id": kind, "bbox": box, "iscrowd": 0}
            annotations.append({**here, "id": len(annotations) + 1, "area": box[2] * box[3]})
    categories = [{"id": n, "name": name} for n, name in enumerate(NAMES, start=1)]
    whole = {"info": {}, "images": images, "annotations": annotations, "categories": categories}
    (root / "annotations/instances_val2017.json").write_text(json.dumps(whole))
    return root


def regions(labels: Any) -> list[tuple[list[int], int]]:
    found = []
    for kind in np.setdiff1d(np.unique(labels), [0, 255]):
        parts, _ = ndimage.label(labels == kind)
        for part, (rows, columns) in enumerate(ndimage.find_objects(parts), start=1):
            if np.count_nonzero(parts == part) >= SMALLEST:
                height, width = rows.stop - rows.start, columns.stop - columns.start
                found.append(([columns.start, rows.start, width, height], int(kind)))
    return found


def by_pycocotools(boxed: Path, shared: Path) -> tuple[float, float]:
    """COCO's own figures of the original file's detections on the pictures that are measured."""
    recipe = recipes.load(recipes.find("coco-ssd"))
    (path,) = (shared / "mirror").rglob("detect.tflite")
    at = ends(recipe.cut, recipe.preprocessing)
    detector = Reference(read(path), at, recipe.preprocessing, recipe.postprocessing)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(boxed / "annotations/instances_val2017.json"))
        numbers = {c["name"]: c["id"] for c in truth.dataset["categories"]}
        ids = {Path(i["file_name"]).stem: i["id"] for i in truth.dataset["images"]}
        measured = open_split(DatasetChoice(kind="coco"), "val", boxed)
        results = []
        for sample in measured:
            for kind, score, top, left, bottom, right in detector.predict(sample.image).astype(
                float
            ):
                name = recipe.labels[int(kind)]
                if name in numbers:
                    box = [left, top, right - left, bottom - top]
                    here = {"image_id": ids[sample.name], "category_id": numbers[name]}
                    results.append({**here, "bbox": box, "score": score})
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.params.imgIds = [ids[picture.name] for picture in measured.pictures]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats[0], judge.stats[1]


def test_a_folder_as_coco_has_it_is_scored_against_its_boxes(
    boxed: Path, shared: Path, convert_in: Any, tmp_path: Path
) -> None:
    convert = convert_in(tmp_path / "home", CONVERT_MIRROR=str(shared / "mirror"))
    few = ("--targets", "tflite,onnx", "--schemes", "float32")
    done = convert("run", "coco-ssd", *few, "--dataset", boxed, "--json")
    assert done.returncode == 0, done.stderr
    report = Report.model_validate_json(done.stdout)
    assert (report.reference.dataset, report.reference.images) == ("coco", PICTURES * 2 // 3)
    mean, at_half = by_pycocotools(boxed, shared)
    assert mean > 0.2
    assert report.reference.metrics == pytest.approx({"coco_map": mean, "ap50": at_half})
    for variant in report.variants:
        assert abs(variant.metrics["coco_map"].drop or 0) <= 0.001
        folder = convert.home / "models/out/coco-ssd" / Path(variant.path or "").parent
        again = convert("verify", folder, "--dataset", boxed, "--json")
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["metrics"]["coco_map"] == variant.metrics["coco_map"].value
