"""Pictures that calibrate must not measure."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets import open_split
from convert.datasets.overlap import refuse_overlap
from convert.errors import UsageError
from convert.recipe import DatasetChoice

CHOICE = DatasetChoice(kind="imagenet")


def dataset(root: Path, rows: str) -> Path:
    (root / "images").mkdir()
    for level, name in enumerate("ab"):
        picture = np.full((4, 4), level, np.uint8)
        Image.fromarray(picture).save(root / f"images/{name}.png")
    shutil.copy(root / "images/a.png", root / "images/copy.png")
    (root / "labels.csv").write_text(f"file,class_index,split\n{rows}")
    return root


def test_a_copy_under_another_name_and_label_is_found(tmp_path: Path) -> None:
    root = dataset(tmp_path, "a.png,0,calibration\nb.png,1,val\ncopy.png,2,val\n")
    with pytest.raises(UsageError, match=r"a \(as copy\)"):
        refuse_overlap(open_split(CHOICE, "calibration", root), open_split(CHOICE, "val", root))


def test_splits_that_are_apart_pass(tmp_path: Path) -> None:
    root = dataset(tmp_path, "a.png,0,calibration\nb.png,1,val\n")
    refuse_overlap(open_split(CHOICE, "calibration", root), open_split(CHOICE, "val", root))
