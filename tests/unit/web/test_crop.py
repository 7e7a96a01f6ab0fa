"""What is found in a turned crop is brought back to where it lies on the picture."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from convert.stages.serve import APPS

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not here")

_SCRIPT = """
import {onPicture, squareAround} from './crop.mjs';
const square = squareAround(JSON.parse(process.argv[2]), 0.25);
const points = JSON.parse(process.argv[3]).map((point) => onPicture(point, square));
process.stdout.write(JSON.stringify({square, points}));
"""


def ask(folder: Path, box: dict[str, float], points: list[list[float]]) -> dict[str, object]:
    shutil.copyfile(APPS / "crop.js", folder / "crop.mjs")
    (folder / "ask.mjs").write_text(_SCRIPT)
    command = [str(NODE), "ask.mjs", json.dumps(box), json.dumps(points)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def box(angle: float) -> dict[str, float]:
    return {"top": 20, "left": 40, "bottom": 80, "right": 80, "angle": angle}


def test_an_upright_square_has_whole_pixels_and_a_margin(tmp_path: Path) -> None:
    found = ask(tmp_path, box(0), [[0, 0], [45, 45]])
    assert found["square"] == {"x": 60, "y": 50, "size": 90, "angle": 0}
    assert found["points"] == [[15, 5], [60, 50]]


@pytest.mark.parametrize("angle", [0.5, -2.0, np.pi / 2])
def test_points_are_turned_about_the_centre_as_the_box_is(tmp_path: Path, angle: float) -> None:
    # What lies to the right of the centre in the upright crop lies along the turned line.
    found = ask(tmp_path, box(angle), [[45, 45], [55, 45], [45, 55]])
    points = np.array(found["points"])
    assert points[0] == pytest.approx([60, 50])
    assert points[1] - points[0] == pytest.approx(10 * np.array([np.cos(angle), np.sin(angle)]))
    assert points[2] - points[0] == pytest.approx(10 * np.array([-np.sin(angle), np.cos(angle)]))
