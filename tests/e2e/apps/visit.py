"""A page of the apps in a real Chromium, whose camera shows drawn scenes."""

import io
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
from PIL import Image

from convert.datasets.scenes import draw_scene
from convert.web import chromium

HEIGHT, WIDTH = 240, 320
SCENE, OTHER = (draw_scene(seed, HEIGHT, WIDTH) for seed in (2_000_005, 2_000_017))
MAGENTA = np.array([255, 0, 255])
_LOG = ("INFO: ", "WARNING: ")
"""How lines begin that LiteRT.js writes to the console as errors, whatever they are."""
READY = "() => window.app?.frames > 0 || document.querySelector('.status.bad')"
LONG = 60_000.0


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
        self.page.wait_for_function(f"() => window.app.frames >= {count}", timeout=LONG)

    def give(self, picture: Path) -> None:
        """Give the page a picture, and wait until it is drawn."""
        self.page.evaluate("window.app.frames = 0")
        self.page.set_input_files("input[name=file]", picture)
        self.page.wait_for_function("() => window.app.frames >= 1", timeout=LONG)

    def choose(self, name: str, option: str) -> None:
        self.select(name).select_option(option)

    def select(self, name: str) -> Any:
        return self.page.locator(f"select[name={name}]")

    def opened(self) -> None:
        self.page.wait_for_function("() => window.app.chooser.opened !== null", timeout=LONG)

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
        page.wait_for_function(READY, timeout=LONG)
    return found


def leave(found: Visit) -> None:
    """No page asked another host, or met an error."""
    found.page.context.close()
    assert found.outside == []
    assert found.errors == []


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def kept(canvas: np.ndarray) -> np.ndarray:
    """Where something else than magenta is."""
    return np.asarray(np.abs(canvas - MAGENTA).sum(axis=-1) > 60)
