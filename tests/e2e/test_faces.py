"""A face's mesh lies on the face however the head is held: the real detector and the real mesh."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convert.web import chromium

from .apps.visit import serving

pytestmark = [pytest.mark.slow, pytest.mark.shared, pytest.mark.usefixtures("browser")]

SIDE = 640
GREY = (128, 128, 128)
PICTURE = "data/human/images/110.jpg"
ANGLES = (-45, 45)
_LONG = 60_000.0
_READY = "() => document.body.textContent.includes('facemesh/tflite-float32 on ')"


@pytest.fixture(scope="module")
def address(
    shared: Path, convert_in: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Of the apps with a face detector and a face's mesh."""
    settings = {"CONVERT_MIRROR": str(shared / "mirror"), "CONVERT_ACCEPT_LICENSES": "all"}
    convert = convert_in(tmp_path_factory.mktemp("faces"), **settings)
    narrow = ("--targets", "tflite", "--schemes", "float32", "--limit", "4")
    for name in ("blazeface", "facemesh"):
        done = convert("run", name, *narrow, "--dataset", shared / "data")
        assert done.returncode == 0, done.stderr
    with serving(convert) as said:
        yield said["address"].removesuffix("index.html")


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(chromium.find()), args=chromium.flags(gpu=False)
        )
        yield browser.new_page()
        browser.close()


def opened(page: Any, address: str) -> None:
    page.goto(f"{address}detect.html?model=blazeface")
    page.wait_for_function("() => window.app?.frames > 0", timeout=_LONG)
    page.get_by_label("Look for points in the best box").check()
    page.wait_for_function(_READY, timeout=_LONG)


def mesh(page: Any, picture: Image.Image, path: Path) -> np.ndarray:
    """The points [P, 2] that the page draws."""
    picture.save(path)
    # The example, which shows no face, may still be looked at.
    page.evaluate("window.app.points = null")
    page.set_input_files("input[name=file]", path)
    page.wait_for_function("() => window.app.points", timeout=_LONG)
    return np.array(page.evaluate("window.app.points"))


def errors(page: Any, shared: Path, folder: Path) -> list[float]:
    """How far the points of turned pictures, turned back, are from the upright one's, by angle.

    On average, in parts of the mesh's diagonal.
    """
    whole = Image.open(shared / PICTURE).convert("RGB")
    whole.thumbnail((480, 480))
    upright = Image.new("RGB", (SIDE, SIDE), GREY)
    upright.paste(whole, ((SIDE - whole.width) // 2, (SIDE - whole.height) // 2))
    wanted = mesh(page, upright, folder / "upright.png")
    found = []
    for angle in ANGLES:
        turned = upright.rotate(angle, Image.Resampling.BICUBIC, fillcolor=GREY)
        x, y = (mesh(page, turned, folder / f"turned{angle}.png") - SIDE / 2).T
        sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        back = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=1) + SIDE / 2
        diagonal = np.linalg.norm(np.ptp(wanted, axis=0))
        found.append(float(np.linalg.norm(back - wanted, axis=1).mean() / diagonal))
    return found


def test_the_mesh_lies_on_a_tilted_face(
    address: str, page: Any, shared: Path, tmp_path: Path
) -> None:
    opened(page, address)
    assert max(errors(page, shared, tmp_path)) < 0.03


def test_without_turning_the_crop_it_would_not(
    address: str, page: Any, shared: Path, tmp_path: Path
) -> None:
    def unturned(route: Any) -> None:
        text = (
            route.fetch()
            .text()
            .replace("return {x, y, size, angle};", "return {x, y, size, angle: 0};")
        )
        route.fulfill(body=text, content_type="text/javascript")

    page.route("**/crop.js", unturned)
    opened(page, address)
    assert max(errors(page, shared, tmp_path)) > 0.03
