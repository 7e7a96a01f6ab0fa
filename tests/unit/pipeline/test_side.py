"""What is compared is a published variant or a model file, and is fed as it says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.errors import SourceError, UsageError
from convert.manifest import Manifest
from convert.pictures.prepare import prepare
from convert.pipeline.side import default_preprocessing, side
from convert.signature import Quantization, TensorSpec


def spec(**more: Any) -> TensorSpec:
    told = {"name": "image", "dtype": "float32", "shape": (1, 8, 12, 3), "layout": "NHWC", **more}
    return TensorSpec.model_validate(told)


WHOLE = np.array([[[0, 127, 255]]], np.uint8)


@pytest.mark.parametrize(
    ("tensor", "least", "most"),
    [
        (spec(), -1, 1),
        (spec(shape=(1, 3, 8, 12), layout="NCHW"), -1, 1),
        (spec(dtype="uint8"), 0, 255),
        (spec(dtype="uint8", quantization=Quantization(scale=0.5, zero_point=100)), -50, 77.5),
        (spec(dtype="int8", quantization=Quantization(scale=0.1, zero_point=-128)), 0, 25.5),
    ],
)
def test_a_picture_fills_the_range_of_an_input_that_no_recipe_tells_of(
    tensor: TensorSpec, least: float, most: float
) -> None:
    pre = default_preprocessing(tensor)
    assert pre
    assert pre.size == (8, 12)
    fed = prepare(WHOLE, pre).tensor
    assert (fed.min(), fed.max()) == pytest.approx((least, most))


def test_an_input_of_free_size_has_no_default() -> None:
    assert default_preprocessing(spec(shape=(1, None, None, 3))) is None


def test_a_recipes_whole_folder_names_its_variants(tmp_path: Path, manifest: Manifest) -> None:
    for name in ("onnx-uint8", "tflite-uint8"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(manifest.model_dump_json())
    with pytest.raises(UsageError, match="holds 2 variants") as raised:
        side(tmp_path)
    assert "onnx-uint8, tflite-uint8" in str(raised.value.hint)


def test_a_published_variant_is_known_by_its_manifest(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "manifest.json").write_text(manifest.model_dump_json())
    found = side(tmp_path)
    assert (found.format, found.file) == ("tflite", tmp_path / "model.tflite")
    assert found.recipe == manifest.recipe


def test_a_path_where_nothing_is_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.onnx"):
        side(tmp_path / "nowhere.onnx")
