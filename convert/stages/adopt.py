"""Make a recipe of a bundle, so that what one project published is what another starts from."""

import os
import shutil
from pathlib import Path
from typing import Any

import tomlkit

from convert.errors import UsageError
from convert.manifest import NAME as MANIFEST
from convert.manifest import Manifest
from convert.recipe import Companion, Recipe, Source
from convert.recipes import load
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.tflite.names import real_input
from convert.store import digest_file, locked, write_text

_READ_ONLY = 0o444


def adopt(bundle: Path, *, name: str, origin: str, raw: Path, recipes: Path) -> Recipe:
    """Put a bundle's model into `raw/<name>` and write `recipes/<name>.toml`, which starts from it.

    How the model is fed, read, measured and held to is the bundle's own; only the cut is new, for
    the file holds nothing but the network. Raises UsageError where the recipe is there already,
    UnsupportedError for a file that the reader of its format does not read.
    """
    target = recipes / f"{name}.toml"
    if target.exists():
        raise UsageError(f"{target} is there already", hint="Give another name, or remove it.")
    manifest = Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
    # A file that cannot be read leaves nothing behind.
    cut = _cut(manifest, model_file(bundle))
    with locked(raw / name):
        source = _bring_in(bundle, manifest, raw / name, recipes)
    recipe = manifest.recipe.model_copy(
        update={
            "name": name,
            "title": f"{manifest.recipe.title} ({manifest.artifact.scheme} {source.format})",
            "source": source,
            "cut": cut,
            "sizes": (),
            "family": None,
        }
    )
    write_text(target, _text(recipe, origin))
    return load(target)


def model_file(bundle: Path) -> Path:
    """The first file of a bundle's model: the file itself, or a folder's model.json."""
    manifest = Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
    path = bundle / manifest.artifact.path
    return path / "model.json" if path.is_dir() else path


def _bring_in(bundle: Path, manifest: Manifest, folder: Path, recipes: Path) -> Source:
    """Copy the model, read-only; the source that a recipe in `recipes` has then."""
    first = model_file(bundle)
    several = (bundle / manifest.artifact.path).is_dir()
    files = sorted(file for file in first.parent.rglob("*") if file.is_file()) if several else []
    for file in files or [first]:
        copy = folder / file.relative_to(first.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        shutil.copyfile(file, copy)
        copy.chmod(_READ_ONLY)
    own = folder / first.name
    return Source(
        format=detect(own),
        path=Path(os.path.relpath(own.resolve(), recipes.resolve())).as_posix(),
        sha256=digest_file(own),
        bytes=own.stat().st_size,
        files=tuple(
            Companion(
                name=file.relative_to(first.parent).as_posix(),
                sha256=digest_file(file),
                bytes=file.stat().st_size,
            )
            for file in files
            if file != first
        ),
    )


def _cut(manifest: Manifest, path: Path) -> dict[str, Any]:
    """The whole file, its outputs in the signature's order.

    It starts where the values are real, for that is what the preprocessing gives and what the
    signature's quantization of an input in eight bits stands for.
    """
    graph = SOURCES[detect(path)].read(path)
    signature = manifest.artifact.signature
    named = {
        tensor.name: node for tensor, node in zip(signature.outputs, graph.outputs, strict=True)
    }
    (given,) = graph.inputs
    fed = real_input(graph, given)
    cut: dict[str, Any] = {
        "original_input": fed,
        "input": fed,
        "input_name": signature.inputs[0].name,
    }
    if len(named) > 1:
        return {**cut, "outputs": named}
    ((name, node),) = named.items()
    return {**cut, "output_name": name, "output": node, "original_output": node}


def _text(recipe: Recipe, origin: str) -> str:
    says = f"# Written by `convert pull` from the bundle at {origin}.\n"
    fields = recipe.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    return says + tomlkit.dumps(fields)
