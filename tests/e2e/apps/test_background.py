"""What stands behind the shapes is exchanged, by mouse or keyboard, with or without a camera."""

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convert.datasets.scenes import CLASSES, draw_scene
from convert.vocabulary import VOID

from .recorder import recorded
from .visit import (
    HEIGHT,
    LONG,
    MAGENTA,
    OTHER,
    SCENE,
    WIDTH,
    kept,
    leave,
    overlap,
    visit,
    with_camera,
    write_video,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("browser")]


def test_the_background_goes_on_every_kind_of_file_and_the_shapes_stay(
    served: str, chrome: Any, tmp_path: Path
) -> None:
    found = visit(chrome, f"{served}background.html")
    found.page.get_by_role("button", name="Camera").click()
    counts = SCENE.mask != VOID
    for variant in ("tflite-uint8", "tfjs-float16", "onnx-float32"):
        found.choose("file", variant)
        found.opened()
        found.frames(8)
        assert f"deeplab-shapes/{variant} on " in found.status()
        canvas = found.canvas()
        assert canvas.shape == (HEIGHT, WIDTH, 3)
        mask = kept(canvas)
        assert overlap(mask[counts], SCENE.mask[counts] > 0) > 0.85
        inside = mask & (SCENE.mask > 0) & counts
        # What is kept is the camera's own picture, less what its colours lose.
        assert np.abs(canvas - SCENE.image)[inside].mean() < 12
    figures = found.page.locator("output").text_content()
    stages = ("preprocess", "inference", "postprocess", "draw")
    assert re.fullmatch(
        ", ".join(rf"{stage} [\d.]+ ms" for stage in stages) + r"; [\d.]+ FPS", figures
    )
    leave(found)


def test_what_is_kept_and_what_stands_behind_it_are_chosen(
    served: str, chrome: Any, tmp_path: Path
) -> None:
    shown = draw_scene(2_000_005, HEIGHT, WIDTH)
    picture, backdrop = tmp_path / "scene.png", tmp_path / "green.png"
    Image.fromarray(shown.image).save(picture)
    Image.new("RGB", (50, 80), (0, 255, 0)).save(backdrop)
    found = visit(chrome, f"{served}background.html?file=onnx-float32")
    found.give(picture)
    whole = kept(found.canvas())
    label = int(np.bincount(shown.mask[(shown.mask > 0) & (shown.mask != VOID)]).argmax())
    found.page.evaluate("window.app.frames = 0")
    found.choose("keep", CLASSES[label])
    found.page.wait_for_function("() => window.app.frames >= 1", timeout=LONG)
    counts = shown.mask != VOID
    assert overlap(kept(found.canvas())[counts], shown.mask[counts] == label) > 0.85
    found.choose("keep", "everything")
    for behind in ("blur", "image"):
        found.choose("behind", behind)
        if behind == "image":
            found.page.set_input_files("input[name=behind-picture]", backdrop)
        found.page.wait_for_timeout(500)
        canvas = found.canvas()
        ground = canvas[~whole]
        assert (np.abs(ground - MAGENTA).sum(axis=-1) < 60).mean() < 0.01
        inside = whole & (shown.mask > 0) & counts
        np.testing.assert_array_equal(canvas[inside], shown.image[inside])
        green = (np.abs(ground - [0, 255, 0]).sum(axis=-1) < 60).mean()
        assert (green > 0.9) == (behind == "image")
    leave(found)


def test_a_video_file_plays_on_and_its_mask_goes_with_the_shapes(
    served: str, chrome: Any, tmp_path: Path
) -> None:
    scenes = {"first": SCENE, "second": OTHER}
    video = recorded(chrome, tmp_path / "both.webm", [one.image for one in scenes.values()])
    found = visit(chrome, f"{served}background.html?file=tflite-uint8")
    found.page.get_by_label("Smoothing over time").fill("0")
    found.give(video)
    best = dict.fromkeys(scenes, 0.0)
    until = time.monotonic() + LONG / 1000
    # Each of the two is seen twice: at its end a video begins anew.
    seen: list[str] = []
    while len(seen) < 4 and time.monotonic() < until:
        canvas = found.canvas()
        assert canvas.shape == (HEIGHT, WIDTH, 3)
        for name, scene in scenes.items():
            counts = scene.mask != VOID
            like = overlap(kept(canvas)[counts], scene.mask[counts] > 0)
            best[name] = max(best[name], like)
            if like > 0.85 and seen[-1:] != [name]:
                seen.append(name)
        found.frames(1)
    assert len(seen) == 4, (seen, best)
    assert "FPS" in str(found.page.locator("output").text_content())
    # A picture in its place ends it.
    picture = tmp_path / "scene.png"
    Image.fromarray(SCENE.image).save(picture)
    found.give(picture)
    counts = SCENE.mask != VOID
    assert overlap(kept(found.canvas())[counts], SCENE.mask[counts] > 0) > 0.85
    assert not found.page.evaluate("window.app.source.live")
    leave(found)


def test_a_file_that_is_no_video_says_so(served: str, chrome: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.webm"
    broken.write_bytes(b"no video at all")
    found = visit(chrome, f"{served}background.html?file=tflite-uint8")
    found.page.set_input_files("input[name=file]", broken)
    found.page.wait_for_selector(".status.bad", timeout=LONG)
    assert "broken.webm is no picture or video" in found.status()
    leave(found)


def test_smoothing_mixes_the_masks_of_what_was_before(
    served: str, playwright: Any, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "both.y4m", [SCENE.image] * 3 + [OTHER.image] * 3)
    browser = with_camera(playwright, video)
    found = visit(browser, f"{served}background.html?file=tflite-uint8")
    found.page.get_by_role("button", name="Camera").click()
    pure = {}
    for smoothing in ("0", "0.95"):
        found.page.get_by_label("Smoothing over time").fill(smoothing)
        found.frames(25)
        canvas = found.canvas()
        pure[smoothing] = (canvas == MAGENTA).all(axis=-1).mean()
    # Without, all is kept or not; with it, what was kept of late still shines through.
    assert pure["0.95"] < 0.75 * pure["0"]
    leave(found)
    browser.close()


def test_without_a_camera_the_page_says_what_to_do_instead(served: str, playwright: Any) -> None:
    browser = with_camera(playwright, None)
    found = visit(browser, f"{served}background.html")
    found.page.get_by_role("button", name="Camera").click()
    found.page.wait_for_selector(".status.bad")
    assert re.search(r"camera.*Choose a picture or a video instead", found.status())
    leave(found)
    browser.close()


def test_a_keyboard_is_enough(served: str, chrome: Any) -> None:
    found = visit(chrome, f"{served}background.html?file=tfjs-float32")
    focused = "document.activeElement.name || document.activeElement.textContent"
    seen = []
    for _ in range(30):
        found.page.keyboard.press("Tab")
        seen.append(found.page.evaluate(focused))
        if seen[-1] == "Camera" and seen.count("Camera") == 1:  # once more would stop it
            found.page.keyboard.press("Enter")
    names = {"Camera", "Example", "file", "model", "runtime", "keep", "behind", "smoothing"}
    assert names <= set(seen)
    found.frames(2)
    found.select("keep").focus()
    found.page.keyboard.press("ArrowDown")
    assert found.select("keep").input_value() == "0"
    leave(found)
