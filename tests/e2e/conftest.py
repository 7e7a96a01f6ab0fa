"""Whole runs, each in a process and a CONVERT_HOME of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convert.datasets.scenes import draw_scene

ROOT = Path(__file__).parents[2]
_NOWHERE = "http://127.0.0.1:9"
_SCENES = 12
_LONGEST = 480
"""Seconds after which a command is given up."""


@dataclass(frozen=True)
class Convert:
    """`convert ARGS` in a working folder; no network can be reached."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CONVERT_")}
        own = {**kept, "CONVERT_BROWSER": os.environ.get("CONVERT_BROWSER", "")}
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"), _NOWHERE)
        home = {"CONVERT_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        return {**own, **proxies, **home, **self.settings}

    def command(self, *args: str | Path) -> list[str]:
        return [sys.executable, "-P", "-m", "convert", *map(str, args)]

    def __call__(self, *args: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*args),
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
        )

    def start(self, *args: str | Path) -> "subprocess.Popen[str]":
        """Without waiting for its end; it leads a process group of its own."""
        return subprocess.Popen(
            self.command(*args),
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def interrupted_at(self, words: str, *args: str | Path) -> tuple[int, str]:
        """Press Ctrl-C as soon as stderr says `words`; returns exit code and stderr."""
        process = self.start(*args)
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if words in line:
                time.sleep(0.2)
                os.killpg(process.pid, signal.SIGINT)
                break
        said += process.stderr.read()
        return process.wait(_LONGEST), said

    def without_tensorflow(self) -> "Convert":
        """The same, where importing TensorFlow is an error."""
        poison = self.home / "poison" / "tensorflow.py"
        poison.parent.mkdir(exist_ok=True)
        poison.write_text("raise AssertionError('TensorFlow was imported')\n")
        path = os.pathsep.join((str(poison.parent), str(ROOT)))
        return Convert(self.home, {**self.settings, "PYTHONPATH": path})

    def files(self, below: str) -> dict[str, tuple[int, int]]:
        """Each file's time and size, but for locks."""
        return {
            str(path.relative_to(self.home)): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in sorted((self.home / "models" / below).rglob("*"))
            if path.is_file() and path.suffix != ".lock"
        }

    def half_done(self) -> list[Path]:
        """What a run that was broken off must not leave: anything hidden but locks."""
        models = self.home / "models"
        return [p for p in models.rglob(".*") if p.suffix != ".lock"]


@pytest.fixture(scope="session")
def convert_in() -> Callable[..., Convert]:
    """A `convert` whose home is a folder, with settings."""

    def made(home: Path, **settings: str) -> Convert:
        home.mkdir(parents=True, exist_ok=True)
        return Convert(home, settings)

    return made


@dataclass(frozen=True)
class Road:
    """A home in which the embedded model went down the whole road, and what that run said."""

    convert: Convert
    run: tuple[str, ...]
    done: "subprocess.CompletedProcess[str]"

    @property
    def out(self) -> Path:
        return self.convert.home / "models" / "out" / "deeplab-shapes"


@pytest.fixture(scope="session")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """One run for all tests, which leave it as it is."""
    convert = Convert(tmp_path_factory.mktemp("a home"))
    run = ("run", "deeplab-shapes", "--limit", "12")
    return Road(convert, run, convert(*run, "--json"))


@pytest.fixture
def copied(road: Road, tmp_path: Path) -> Road:
    """A copy of that home, to be changed."""
    shutil.copytree(road.convert.home, tmp_path / "home")
    return Road(Convert(tmp_path / "home"), road.run, road.done)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn pictures in the layout of `masks`."""
    folder = tmp_path_factory.mktemp("datasets")
    for kind in ("images", "masks"):
        (folder / "scenes" / kind).mkdir(parents=True)
    for number in range(_SCENES):
        scene = draw_scene(number)
        mask = np.where(scene.mask == 1, 255, 0).astype(np.uint8)
        Image.fromarray(scene.image).save(folder / f"scenes/images/{number:02}.png")
        Image.fromarray(mask).save(folder / f"scenes/masks/{number:02}.png")
    return folder
