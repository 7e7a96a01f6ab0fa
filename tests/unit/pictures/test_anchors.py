"""The anchors that a detector's boxes are told from."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from convert.pictures.anchors import anchors
from convert.preprocessing import AnchorSpec
from convert.sources.tflite.reader import read_tflite

SSD = {
    "min_scale": 0.2,
    "max_scale": 0.95,
    "aspect_ratios": [1, 2, 0.5, 3, 1 / 3],
    "reduce_boxes_in_lowest_layer": True,
}
BY_STRIDES = {"input_size": [300, 300], "strides": [16, 32, 64, 128, 256, 512]}
BY_MAPS = {"feature_maps": [[side, side] for side in (19, 10, 5, 3, 2, 1)]}
MEDIAPIPE = {"min_scale": 0.1484375, "max_scale": 0.75, "strides": [8, 16, 16, 16]}


def made(*parts: dict[str, object], **more: object) -> np.ndarray:
    return anchors(AnchorSpec.model_validate({k: v for p in (*parts, more) for k, v in p.items()}))


@pytest.mark.shared
@pytest.mark.parametrize("grids", [BY_STRIDES, BY_MAPS], ids=["strides", "maps"])
def test_an_ssds_anchors_are_those_that_its_own_file_stores(
    shared: Path, grids: dict[str, object]
) -> None:
    (file,) = (shared / "mirror").rglob("detect.tflite")
    stored = read_tflite(file).cut_off.anchors  # type: ignore[union-attr]
    step = stored[stored > 0].min() / 4  # 0.0258 is four of the file's steps of eight bits
    exact = made(SSD, grids)
    assert exact.shape == stored.shape == (1917, 4)
    assert np.abs(exact - stored).max() <= step / 2
    assert np.abs(made(SSD, grids, step=float(step)) - stored).max() < 1e-5


@pytest.mark.parametrize(("side", "count"), [(128, 896), (192, 2016)])
def test_mediapipes_detectors_have_as_many_anchors_as_their_outputs(side: int, count: int) -> None:
    found = made(MEDIAPIPE, input_size=[side, side], fixed_anchor_size=True)
    assert found.shape == (count, 4)
    assert (found[:, 2:] == 1).all()
    fine = (side // 8) ** 2 * 2
    assert np.allclose(found[:2, :2], 4 / side)
    assert np.allclose(found[fine : fine + 6, :2], 8 / side)
    assert np.allclose(found[fine + 6, :2], [8 / side, 24 / side])


def test_anchors_go_along_rows_and_their_shapes_follow_each_other() -> None:
    found = made(feature_maps=[[2, 3]], aspect_ratios=[1, 4], min_scale=0.2, max_scale=0.2)
    assert found.shape == (2 * 3 * 3, 4)
    assert np.allclose(found[:3, :2], [1 / 4, 1 / 6])
    assert np.allclose(found[3, :2], [1 / 4, 3 / 6])
    assert np.allclose(found[9, :2], [3 / 4, 1 / 6])
    between = np.sqrt(0.2)
    assert np.allclose(found[:3, 2:], [[0.2, 0.2], [0.1, 0.4], [between, between]])


def test_no_anchor_is_interpolated_where_none_is_wanted() -> None:
    assert len(made(feature_maps=[[1, 1]], interpolated_scale_aspect_ratio=0)) == 1


def test_anchors_of_an_input_that_strides_do_not_divide_cover_all_of_it() -> None:
    found = made(input_size=[100, 40], strides=[32], interpolated_scale_aspect_ratio=0)
    assert len(found) == 4 * 2


@pytest.mark.parametrize("grids", [{}, {**BY_STRIDES, **BY_MAPS}, {"strides": [8]}])
def test_grids_that_are_not_told_or_told_twice_are_an_error(grids: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="strides"):
        AnchorSpec.model_validate(grids)
