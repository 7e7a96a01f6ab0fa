"""The kit's text: JavaScript modules with types, which pages and bundlers take as they are."""

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from convert.errors import UnsupportedError
from convert.kits.answers import kind_of
from convert.manifest import Manifest
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.signature import TensorSpec
from convert.vocabulary import Record, Target
from convert.web import packages

LIBRARIES: dict[Target, tuple[str, ...]] = {
    "tfjs": ("@tensorflow/tfjs-core", "@tensorflow/tfjs-converter"),
    "tflite": ("@litertjs/core",),
    "onnx": ("onnxruntime-web",),
}
"""The npm packages that a session of each target is handed."""
_NAMES: dict[Target, str] = {
    "tfjs": "TensorFlow.js",
    "tflite": "LiteRT.js",
    "onnx": "ONNX Runtime Web",
}
_DTYPES = ("float32", "uint8", "int8", "int32")
_OF_TARGET = ("session.js",)
_FILES = (
    "model.js",
    "model.d.ts",
    "session.js",
    "session.d.ts",
    "golden.js",
    "golden.d.ts",
    "golden.test.js",
    "package.json",
    "README.md",
)


def module(manifest: Manifest, *, testable: bool) -> dict[str, str]:
    """Every text file of a kit, by name.

    `testable`: the golden answer lies beside them. Raises UnsupportedError where the model's
    tensors or its answer have no form in JavaScript.
    """
    values = {**_values(manifest), "testable": testable}
    target = manifest.artifact.target
    sources = {
        name: name.replace(".", f".{target}.", 1) if name in _OF_TARGET else name for name in _FILES
    }
    return {
        name: _templates().get_template(f"kit/{source}.j2").render(values)
        for name, source in sources.items()
    }


def _values(manifest: Manifest) -> dict[str, Any]:
    """What the templates are filled with."""
    recipe, artifact, kind = manifest.recipe, manifest.artifact, kind_of(manifest)
    versions = packages.versions()
    decode = recipe.postprocessing.decode
    applied = {"softmax": "softmax({0}, {1})", "sigmoid": "sigmoid({0})"}.get(decode, "{0}")
    return {
        "m": manifest,
        "r": recipe,
        "a": artifact,
        "kind": kind,
        "facts": _facts(manifest),
        "post": recipe.postprocessing.model_dump(mode="json", exclude_none=False),
        "parts": list(_parts(recipe.preprocessing, recipe.postprocessing)),
        "decoded": applied.format,
        "step": _step(manifest),
        "name": f"{recipe.name}-{artifact.target}-{artifact.scheme}",
        "package": _NAMES[artifact.target],
        "peers": {name: versions[name] for name in LIBRARIES[artifact.target]},
    }


def _facts(manifest: Manifest) -> dict[str, Any]:
    """What the module says of itself."""
    recipe, artifact = manifest.recipe, manifest.artifact
    signature = artifact.signature
    return {
        "name": recipe.name,
        "title": recipe.title,
        "task": recipe.task,
        "target": artifact.target,
        "scheme": artifact.scheme,
        "file": artifact.path + ("/model.json" if artifact.target == "tfjs" else ""),
        "sha256": artifact.sha256,
        "bytes": artifact.bytes,
        "license": manifest.license.id,
        "answers": kind_of(manifest),
        "labels": list(recipe.labels),
        "inputs": [_tensor(spec, recipe.preprocessing) for spec in signature.inputs],
        "outputs": [_tensor(spec, None) for spec in signature.outputs],
    }


def _tensor(spec: TensorSpec, pre: Preprocessing | None) -> dict[str, Any]:
    """A tensor's record; a picture's free sides are those that it is prepared to."""
    if spec.dtype not in _DTYPES:
        raise UnsupportedError(
            f"{spec.name} is {spec.dtype}, and a kit's tensors are {', '.join(_DTYPES)}"
        )
    told = spec.model_dump(mode="json")
    if pre:
        height, width = pre.size
        fed = (1, 3, height, width) if spec.layout == "NCHW" else (1, height, width, 3)
        told["shape"] = list(fed)
    return told


def _step(manifest: Manifest) -> float:
    """What one level of a pixel is in the input's tensor, at most."""
    (fed,) = manifest.artifact.signature.inputs
    step = max(map(abs, manifest.recipe.preprocessing.scale))
    return math.ceil(step / fed.quantization.scale) if fed.quantization else step


def _parts(pre: Preprocessing, post: Postprocessing) -> Iterator[str]:
    """The pieces of code that this model needs, in the order in which they stand."""
    yield from ("grid", "placement", "resample")
    hows = _resamplings(pre, post)
    yield from sorted({_kernel(how) for how in hows})
    detector = post.boxes or post.merged
    if detector or post.points:
        yield "project"
    if (post.merged or post.points or post.picture) and not post.boxes:
        yield "chosen"
    decodings = {post.decode, post.boxes.activation if post.boxes else "none"}
    yield from sorted(decodings - {"none"})
    if detector:
        yield from ("detection", "suppress")
    if post.boxes:
        yield from ("anchors", "boxes")
    elif post.merged:
        yield "merged"
    elif post.points:
        yield "points"
    elif post.picture:
        yield "picture"


def _resamplings(pre: Preprocessing, post: Postprocessing) -> list[Resampling]:
    """Every way in which something changes its size."""
    after = (
        post.upsample.resampling if post.upsample else None,
        post.restore,
        post.picture.restore if post.picture else None,
    )
    return [pre.resampling, *(how for how in after if how)]


def _kernel(how: Resampling) -> str:
    if how.method == "nearest":
        return "nearest"
    return "antialias" if how.antialias else "bilinear"


@cache
def _templates() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # JavaScript and Markdown, not HTML: nothing is escaped, and data goes in as JSON.
    made = Environment(
        loader=PackageLoader("convert"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    made.filters["json"] = _json
    made.filters["data"] = _data
    return made


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _data(record: Record) -> str:
    return _json(record.model_dump(mode="json"))
