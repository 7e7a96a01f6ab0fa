"""Which Chromium is driven, and with which flags. None is ever downloaded."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from convert.errors import UsageError

SETTING = "CONVERT_BROWSER"
HINT = (
    f"Install one (on Debian: apt-get install chromium), or name it with --browser or in {SETTING}."
)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name but that of our own server can be looked up, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_NO_GPU = ("--disable-gpu",)
_GPU = ("--enable-unsafe-webgpu", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
_SOFTWARE = ("--use-webgpu-adapter=swiftshader", "--use-angle=swiftshader")
_WORDS = re.compile(r"\d+(\.\d+)+")


def find(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The browser of CONVERT_BROWSER, or the first on PATH; None where there is none.

    Raises UsageError where CONVERT_BROWSER names what cannot be started.
    """
    named = environment.get(SETTING)
    if not named:
        path = environment.get("PATH")
        found = next(filter(None, (shutil.which(name, path=path) for name in _NAMES)), None)
        return Path(found) if found else None
    found = shutil.which(named, path=environment.get("PATH"))
    if found is None:
        raise UsageError(f"{SETTING}: {named!r} is no program that can be started", hint=HINT)
    return Path(found)


def flags(*, gpu: bool) -> list[str]:
    """The command line's flags: for pages that compute on the GPU, or for those that do not."""
    if not gpu:
        return [*_FLAGS, *_NO_GPU]
    return [*_FLAGS, *_GPU, *(() if has_gpu() else _SOFTWARE)]


def has_gpu() -> bool:
    """Whether this machine lends programs a GPU; without one, SwiftShader draws on the CPU."""
    return any(Path("/dev/dri").glob("renderD*")) or Path("/dev/nvidia0").exists()


@cache
def version(browser: Path) -> str:
    """What a browser says that it is, such as `156.0.8078.79`; `unknown` where it says nothing."""
    try:
        done = subprocess.run(
            [str(browser), "--version"], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = _WORDS.search(done.stdout)
    return found[0] if found else "unknown"
