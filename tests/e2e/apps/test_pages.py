"""Every page shows what is published, on every screen, to this machine alone."""

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from convert.datasets.scenes import CLASSES
from convert.pipeline.again import read_manifest
from convert.vocabulary import VOID

from .visit import (
    LONG,
    READY,
    SCENE,
    leave,
    serving,
    visit,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("browser")]
PAGES = ("index", "background", "cartoon", "detect", "model")


def test_the_model_page_shows_the_figures_and_labels_a_picture(
    served: str, chrome: Any, road: Any, tmp_path: Path
) -> None:
    picture = tmp_path / "scene.png"
    Image.fromarray(SCENE.image).save(picture)
    found = visit(chrome, f"{served}model.html?file=tfjs-uint8")
    found.give(picture)
    manifest = read_manifest(road.out / "tfjs-uint8")
    text = found.page.locator("main").inner_text()
    assert f"{manifest.metrics['miou'].value:.4f}" in text
    assert manifest.recipe.title in text
    assert found.page.locator("svg circle").count() == 9
    found.page.get_by_text("The card").click()
    assert manifest.artifact.sha256 in found.page.locator("pre").inner_text()
    said = str(found.page.locator("[name=words]").text_content())
    told = {name: float(share) for name, share in re.findall(r"(\w+) ([\d.]+) %", said)}
    counts = SCENE.mask != VOID
    for label, name in enumerate(CLASSES):
        share = 100 * float((SCENE.mask[counts] == label).mean())
        assert told.get(name, 0) == pytest.approx(share, abs=3)
    leave(found)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_a_phone_and_has_a_dark_face(name: str, served: str, chrome: Any) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        size = {"width": 360, "height": 740}
        found = visit(chrome, f"{served}{name}.html", viewport=size, color_scheme=scheme)
        found.page.wait_for_timeout(300)
        assert found.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        colours.add(found.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        if name in ("cartoon", "detect"):
            assert "No published model fits this app" in found.status()
        leave(found)
    assert len(colours) == 2


def test_the_first_page_lists_every_file_and_where_it_leads(served: str, chrome: Any) -> None:
    found = visit(chrome, f"{served}index.html")
    links = found.page.locator(".files a")
    links.first.wait_for()
    assert links.count() == 9
    links.filter(has_text="tflite-float16").click()
    found.page.wait_for_function(READY, timeout=LONG)
    assert "deeplab-shapes/tflite-float16 on " in found.status()
    leave(found)


def test_a_folder_that_cannot_be_read_is_told_on_the_first_page(copied: Any, chrome: Any) -> None:
    manifest = copied.out / "tflite-uint8" / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text().replace('"schema_version": 2', '"schema_version": 1'))
    with serving(copied.convert) as told:
        assert len(told["published"]) == 8
        assert "schema_version" in told["unreadable"]["deeplab-shapes/tflite-uint8"]
        found = visit(chrome, told["address"])
        row = found.page.locator("tr", has_text="deeplab-shapes/tflite-uint8")
        row.wait_for()
        assert "schema_version: Input should be 2" in row.inner_text()
        assert found.page.locator(".files a").count() == 8
        leave(found)


def test_only_this_machines_names_are_answered(served: str) -> None:
    import httpx

    assert httpx.get(f"{served}index.html").status_code == 200
    refused = httpx.get(f"{served}index.html", headers={"Host": "evil.example:80"})
    assert refused.status_code == 404


def test_serving_nothing_or_on_a_port_that_is_taken_says_what_to_do(
    served: str, road: Any, convert_in: Any, tmp_path: Path
) -> None:
    done = convert_in(tmp_path)("serve")
    assert done.returncode == 2
    assert "nothing is published" in done.stderr
    port = re.findall(r":(\d+)/", served)[0]
    done = road.convert("serve", "--port", port)
    assert done.returncode == 2
    assert f"port {port} cannot be used" in done.stderr
