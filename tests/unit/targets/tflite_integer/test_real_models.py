"""Real models run wholly on XNNPACK."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.graph.passes import PASSES
from convert.graph.run import function
from convert.runtimes import for_target
from convert.sources.tflite.reader import read_tflite
from convert.targets import tflite

from .decided import decided

REAL = [
    "face_detection_short_range.bin",
    "face_landmark.bin",
    "segm_lite_v681.tflite",
    "selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16.tflite",
]


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_model_runs_wholly_on_xnnpack_and_answers_alike(
    shared: Path, tmp_path: Path, name: str
) -> None:
    (path,) = (shared / "mirror").rglob(name)
    core = read_tflite(path).graph
    for step in PASSES.values():
        core = step(core)
    shape = core.shapes()[core.inputs[0]]
    assert shape is not None
    files = sorted((shared / "data/VOC2012/JPEGImages").iterdir())[:3]
    images = [Image.open(file).resize((int(shape[2] or 0), int(shape[1] or 0))) for file in files]
    seen = [np.asarray(image, np.float32)[np.newaxis] / 127.5 - 1 for image in images]
    job = decided(core, pictures=lambda: iter(seen))
    signature = tflite.export(job, tmp_path)
    session = for_target("tflite").open_session(tmp_path / tflite.FILE, signature, 1)
    # The ends change between uint8 and int8, which XNNPACK leaves to LiteRT.
    ends = len(core.inputs) + len(core.outputs)
    assert session.facts.delegated_ops == session.facts.total_ops - ends
    found = session.run({core.inputs[0]: seen[0]})
    for output, wanted in zip(core.outputs, function(core)(seen[0]), strict=True):
        if wanted.size > 1:
            assert np.corrcoef(found[output].ravel(), wanted.ravel())[0, 1] > 0.95
