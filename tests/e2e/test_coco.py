"""The recipe coco-ssd against the boxes of a folder laid out as COCO is, made of VOC's pictures."""

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
from convert.memo import Memo
from convert.metrics import coco_map
from convert.metrics.base import pooled
from convert.pipeline.core import core, ends
from convert.pipeline.measure import observe_reference
from convert.pipeline.plan import Options, plan
from convert.pipeline.settings import Settings
from convert.pipeline.stoppable import Stoppable
from convert.pipeline.work import Work
from convert.progress import Silence
from convert.recipe import DatasetChoice
from convert.runtimes.reference import Reference
from convert.sources.tflite import read
from convert.stages.pull import pull

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
    boxed: Path, shared: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, mirror=str(shared / "mirror"))
    recipe = recipes.load(recipes.find("coco-ssd"))
    planned = plan(recipe, settings, Options(dataset=boxed))
    assert (planned.dataset, len(planned.evaluation)) == ("coco val", PICTURES * 2 // 3)
    progress = Stoppable(Silence())
    pulled = pull(
        recipe,
        raw=settings.raw,
        mirror=settings.mirror,
        from_file=None,
        accepted=frozenset(),
        progress=progress,
    )
    memo = Memo(settings.work / recipe.name)
    work = Work(plan=planned, memo=memo, progress=progress, source=pulled)
    seen = observe_reference(work, core(work)).seen
    mean, at_half = by_pycocotools(boxed, shared)
    assert mean > 0.2
    found = coco_map.figures(pooled(coco_map, seen.statistics))
    assert found == pytest.approx({"coco_map": mean, "ap50": at_half}, abs=1e-9)
