"""A kit's modules, run by Node on drawn pictures."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.kits.module import module
from convert.manifest import Manifest
from convert.preprocessing import Postprocessing, Preprocessing
from convert.signature import Signature, TensorSpec

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not on PATH")
SIZE = (24, 20)
"""Of the input of every model here."""

_SCRIPT = """
import {answer, decode, encode, prepare} from './model.js';
import {flat} from './golden.js';
import {readFileSync} from 'node:fs';
const found = JSON.parse(readFileSync('jobs.json')).map(({picture, height, width, outputs}) => {
  const {tensors, placement} = prepare({height, width, data: Uint8Array.from(picture)});
  const read = Object.fromEntries(Object.entries(outputs).map(([name, {shape, data}]) =>
    [name, {shape, data: Float32Array.from(data)}]));
  const [{shape, data}] = tensors;
  return {shape, data: Array.from(data), answer: flat(answer(decode(read), placement))};
});
process.stdout.write(JSON.stringify(found));
"""


def made_of(
    manifest: Manifest, pre: Preprocessing, post: Postprocessing, signature: Signature
) -> Manifest:
    """A manifest that says this."""
    recipe = manifest.recipe.model_copy(update={"preprocessing": pre, "postprocessing": post})
    artifact = manifest.artifact.model_copy(update={"signature": signature})
    return manifest.model_copy(update={"recipe": recipe, "artifact": artifact})


def spec(name: str, shape: tuple[int, ...], **other: Any) -> TensorSpec:
    return TensorSpec(name=name, dtype=other.pop("dtype", "float32"), shape=shape, **other)


def ask(
    manifest: Manifest, jobs: list[dict[str, Any]], folder: Path, script: str = _SCRIPT
) -> list[dict[str, Any]]:
    """What the kit's modules say of each job, or whatever else a script asks them."""
    for name, text in module(manifest, testable=True).items():
        (folder / name).write_text(text)
    (folder / "ask.js").write_text(script)
    (folder / "jobs.json").write_text(json.dumps(jobs))
    done = subprocess.run(
        [str(NODE), "ask.js"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def drawn(height: int, width: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def job(picture: np.ndarray, outputs: dict[str, np.ndarray]) -> dict[str, Any]:
    told = {name: {"shape": o.shape, "data": o.ravel().tolist()} for name, o in outputs.items()}
    height, width, _ = picture.shape
    pixels = picture.ravel().tolist()
    return {"picture": pixels, "height": height, "width": width, "outputs": told}
