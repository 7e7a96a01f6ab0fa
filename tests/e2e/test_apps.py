"""The apps, with the embedded model, in a real Chromium whose camera shows drawn scenes."""

import base64
import io
import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from convert.datasets.scenes import CLASSES, draw_scene
from convert.pipeline.again import read_manifest
from convert.vocabulary import VOID
from convert.web import chromium

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("browser")]

HEIGHT, WIDTH = 240, 320
SCENE, OTHER = (draw_scene(seed, HEIGHT, WIDTH) for seed in (2_000_005, 2_000_017))
MAGENTA = np.array([255, 0, 255])
PAGES = ("index", "background", "cartoon", "detect", "model")
_LOG = ("INFO: ", "WARNING: ")
"""How lines begin that LiteRT.js writes to the console as errors, whatever they are."""
_READY = "() => window.app?.frames > 0 || document.querySelector('.status.bad')"
_LONG = 60_000.0


@dataclass
class Visit:
    """A page of the apps, and what it has said and asked for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def status(self) -> str:
        return str(self.page.locator(".status").first.text_content())

    def frames(self, count: int) -> None:
        """Wait for so many more."""
        self.page.evaluate("window.app.frames = 0")
        self.page.wait_for_function(f"() => window.app.frames >= {count}", timeout=_LONG)

    def give(self, picture: Path) -> None:
        """Give the page a picture, and wait until it is drawn."""
        self.page.evaluate("window.app.frames = 0")
        self.page.set_input_files("input[name=file]", picture)
        self.page.wait_for_function("() => window.app.frames >= 1", timeout=_LONG)

    def choose(self, name: str, option: str) -> None:
        self.select(name).select_option(option)

    def select(self, name: str) -> Any:
        return self.page.locator(f"select[name={name}]")

    def opened(self) -> None:
        self.page.wait_for_function("() => window.app.chooser.opened !== null", timeout=_LONG)

    def canvas(self) -> np.ndarray:
        """What is drawn, [H, W, 3]."""
        url = self.page.evaluate("document.querySelector('.stage canvas').toDataURL()")
        with urlopen(url) as png:
            return np.asarray(Image.open(io.BytesIO(png.read())).convert("RGB")).astype(int)


@contextmanager
def serving(convert: Any) -> Iterator[dict[str, Any]]:
    """What `convert serve` says, in a process of its own, for as long as the block lasts."""
    process = convert.start("serve", "--port", "0", "--json")
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            break
    yield json.loads("".join(lines))
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, process.stderr.read()


@pytest.fixture(scope="module")
def served(road: Any) -> Iterator[str]:
    """The apps' address."""
    with serving(road.convert) as told:
        assert len(told["published"]) == 9
        assert told["left_out"] == told["unreadable"] == {}
        yield told["address"].removesuffix("index.html")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


def with_camera(playwright: Any, video: Path | None) -> Any:
    """A browser whose camera shows a video, or that has none."""
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    ]
    program = chromium.find()
    flags = [*chromium.flags(gpu=False), *(camera if video else ())]
    return playwright.chromium.launch(executable_path=str(program), args=flags)


def write_video(path: Path, pictures: list[np.ndarray]) -> Path:
    """Uncompressed, ten pictures a second, BT.601 with a colour for every four pixels."""
    height, width, _ = pictures[0].shape
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            r, g, b = np.moveaxis(picture.astype(float), -1, 0)
            y = 0.257 * r + 0.504 * g + 0.098 * b + 16
            u = -0.148 * r - 0.291 * g + 0.439 * b + 128
            v = 0.439 * r - 0.368 * g - 0.071 * b + 128
            file.write(b"FRAME\n")
            for plane in (y, u[::2, ::2], v[::2, ::2]):
                file.write(np.clip(plane.round(), 0, 255).astype(np.uint8).tobytes())
    return path


@pytest.fixture(scope="module")
def chrome(playwright: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser whose camera shows one drawn scene."""
    video = write_video(tmp_path_factory.mktemp("camera") / "scene.y4m", [SCENE.image] * 3)
    browser = with_camera(playwright, video)
    yield browser
    browser.close()


def visit(browser: Any, address: str, **context: Any) -> Visit:
    page = browser.new_context(**context).new_page()
    found = Visit(page)
    origin = address.split("/convert/")[0]

    def note(message: Any) -> None:
        if message.type == "error" and not message.text.startswith(_LOG):
            found.errors.append(message.text)

    def look(request: Any) -> None:
        if not request.url.startswith((origin, "blob:", "data:")):
            found.outside.append(request.url)

    page.on("console", note)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("request", look)
    page.goto(address)
    if "index.html" not in address:
        page.wait_for_function(_READY, timeout=_LONG)
    return found


def leave(found: Visit) -> None:
    """No page asked another host, or met an error."""
    found.page.context.close()
    assert found.outside == []
    assert found.errors == []


_RECORD = """
async ([pictures, ms]) => {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const shown = await Promise.all(pictures.map(async (url) => {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    return picture;
  }));
  Object.assign(canvas, {width: shown[0].width, height: shown[0].height});
  const recorder = new MediaRecorder(canvas.captureStream(10), {
    mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 8e6});
  const parts = [];
  recorder.ondataavailable = ({data}) => parts.push(data);
  context.drawImage(shown[0], 0, 0);
  recorder.start();
  for (const picture of shown) {
    const begun = performance.now();
    while (performance.now() - begun < ms) {
      context.drawImage(picture, 0, 0);
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  const stopped = new Promise((done) => { recorder.onstop = done; });
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(''));
}
"""
"""A page's own recorder: the pictures as a video, each for some ms."""


def recorded(browser: Any, path: Path, pictures: list[np.ndarray], ms: int = 1200) -> Path:
    """A video file (WebM, VP8), as a phone or a browser keeps one."""
    urls = []
    for picture in pictures:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG")
        urls.append(f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}")
    page = browser.new_page()
    path.write_bytes(base64.b64decode(page.evaluate(_RECORD, [urls, ms])))
    page.close()
    return path


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def kept(canvas: np.ndarray) -> np.ndarray:
    """Where something else than magenta is."""
    return np.asarray(np.abs(canvas - MAGENTA).sum(axis=-1) > 60)


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
    found.page.wait_for_function("() => window.app.frames >= 1", timeout=_LONG)
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
    until = time.monotonic() + _LONG / 1000
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
    found.page.wait_for_selector(".status.bad", timeout=_LONG)
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


def test_runtimes_are_exchanged_while_the_camera_runs_and_missing_ones_say_so(
    served: str, chrome: Any
) -> None:
    found = visit(chrome, f"{served}background.html?file=tfjs-float32")
    found.page.get_by_role("button", name="Camera").click()
    runtime = found.select("runtime")
    for name in ("tfjs-cpu", "tfjs-wasm-threads", "tfjs-wasm-simd"):
        runtime.select_option(name)
        found.opened()
        found.frames(2)
        assert f"on {name}" in found.status()
        assert f"runtime={name}" in found.page.url
    missing = runtime.locator("option", has_text="this browser has no WebGPU")
    assert missing.get_attribute("value") == "tfjs-webgpu"
    assert missing.is_disabled()
    leave(found)


def test_a_file_that_a_runtime_refuses_is_told_in_its_words(served: str, chrome: Any) -> None:
    found = visit(chrome, f"{served}background.html?file=onnx-float32")
    found.page.route("**/model.onnx", lambda route: route.fulfill(body=b"no model"))
    found.choose("file", "onnx-uint8")
    found.page.wait_for_selector(".status.bad", timeout=_LONG)
    assert re.search(r"ort-web cannot run .*onnx-uint8: .*protobuf", found.status())
    found.page.unroute("**/model.onnx")
    found.choose("file", "tfjs-uint8")
    found.opened()
    found.page.wait_for_function("() => window.app.frames >= 1", timeout=_LONG)
    assert "ready after" in found.status()
    leave(found)


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
    found.page.wait_for_function(_READY, timeout=_LONG)
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
