"""The JavaScript packages of the browser runtimes: installed by npm once, into a cache folder."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import brotli

from convert.errors import ToolError
from convert.progress import Progress
from convert.store import digest_file, locked, publish_folder, write_bytes
from convert.vocabulary import Record

COMMAND = "convert web setup"
LIST = Path(__file__).parent / "npm"
"""Where package.json and package-lock.json lie."""

# The files that the pages load, of all that the packages hold (316 MB).
_KEPT = (
    "@litertjs/core/dist/index.js",
    "@litertjs/core/wasm/litert_wasm_internal.*",
    "@litertjs/core/wasm/litert_wasm_compat_internal.*",
    "@litertjs/core/wasm/litert_wasm_threaded_internal.*",
    "@litertjs/wasm-utils/dist/index.js",
    "@tensorflow/tfjs-core/dist/tf-core.min.js",
    "@tensorflow/tfjs-converter/dist/tf-converter.min.js",
    "@tensorflow/tfjs-backend-cpu/dist/tf-backend-cpu.min.js",
    "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js",
    "@tensorflow/tfjs-backend-wasm/dist/*.wasm",
    "@tensorflow/tfjs-backend-webgl/dist/tf-backend-webgl.min.js",
    "@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js",
    "onnxruntime-web/dist/ort.wasm.min.mjs",
    "onnxruntime-web/dist/ort.webgpu.min.mjs",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm",
)
_ABOUT = ("package.json", "LICENSE*")
"""Kept of every package that something is kept of."""
_LIMIT = 600.0
"""Seconds after which npm has failed."""
BROTLI = 9
"""The quality that files are sent with: 11 takes a minute for one of the larger ones."""


class Installed(Record):
    """What lies in the cache."""

    folder: str
    packages: dict[str, str]
    """Name -> version, of the lockfile."""
    files: int
    bytes: int
    """On disk, with what is compressed beside."""
    bytes_brotli: int
    """What a page that loaded them all would download."""


def folder() -> Path:
    """Where the packages of this very lockfile lie, or will."""
    from platformdirs import user_cache_path

    # Another list of files to keep is another folder, too.
    decided = [digest_file(LIST / "package-lock.json"), *_KEPT, *_ABOUT]
    digest = hashlib.sha256("\n".join(decided).encode()).hexdigest()[:16]
    cache: Path = user_cache_path("convert-vision", appauthor=False)
    return cache / f"web-{digest}"


def missing() -> str | None:
    """Why the packages cannot be used and what to do, or None where they are there."""
    try:
        found = folder().is_dir()
    except ImportError:
        return "platformdirs is missing: pip install 'convert-vision[web]'"
    return None if found else f"their JavaScript packages are not installed: {COMMAND}"


def versions() -> dict[str, str]:
    """The versions that the lockfile holds, by package, of those that the pages load."""
    lock: dict[str, Any] = json.loads((LIST / "package-lock.json").read_text(encoding="utf-8"))
    asked: dict[str, str] = lock["packages"][""]["dependencies"]
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name in asked}


def setup(progress: Progress, *, force: bool = False) -> Installed:
    """Install the packages with `npm ci --ignore-scripts` and keep the files that are loaded.

    The folder appears whole or not at all, and holds each file once more as brotli. Raises
    ToolError where there is no npm or it fails.
    """
    final = folder()
    final.parent.mkdir(parents=True, exist_ok=True)
    with locked(final):
        if force or not final.is_dir():
            with tempfile.TemporaryDirectory(dir=final.parent, prefix=".web-") as scratch:
                _install(Path(scratch), progress)
                kept = Path(scratch, "kept")
                _keep(Path(scratch, "node_modules"), kept)
                _compress(kept, progress)
                publish_folder(kept, final)
    return installed()


def installed() -> Installed:
    """What is there. Raises ToolError where nothing is."""
    reason = missing()
    if reason:
        raise ToolError(f"the browser runtimes: {reason}")
    files = [file for file in folder().rglob("*") if file.is_file()]
    sizes = {file: file.stat().st_size for file in files}
    packed = [size for file, size in sizes.items() if file.suffix == ".br"]
    return Installed(
        folder=str(folder()),
        packages=versions(),
        files=len(files) - len(packed),
        bytes=sum(sizes.values()),
        bytes_brotli=sum(packed),
    )


def _install(scratch: Path, progress: Progress) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ToolError(
            "npm is not on PATH", hint="Install Node.js with npm (on Debian: apt-get install npm)."
        )
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(LIST / name, scratch / name)
    progress.say("npm ci --ignore-scripts")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=_LIMIT)
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"npm ci gave no answer in {_LIMIT:g} s") from error
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise ToolError(
            f"npm ci ended with {done.returncode}: {' '.join(words[:3]) or done.stderr[-300:]}",
            hint="It needs to reach npm's registry, or one that npm's own settings name.",
        )


def _keep(modules: Path, kept: Path) -> None:
    for pattern in _KEPT:
        found = sorted(modules.glob(pattern))
        if not found:
            raise ToolError(f"{pattern} is in none of the packages", hint="A bug of convert.")
        scope = 2 if pattern.startswith("@") else 1
        package = Path(*Path(pattern).parts[:scope])
        for about in _ABOUT:
            found.extend((modules / package).glob(about))
        for file in found:
            target = kept / file.relative_to(modules)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _compress(kept: Path, progress: Progress) -> None:
    """Write each file once more as `<name>.br`, as a web server would hold it."""
    files = sorted(file for file in kept.rglob("*") if file.is_file())
    with progress.count("compress", len(files), "files") as tick:
        for file in files:
            packed = brotli.compress(file.read_bytes(), quality=BROTLI)
            write_bytes(file.with_name(f"{file.name}.br"), packed)
            tick()
