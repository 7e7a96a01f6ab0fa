"""Write bundles as an npm package: their files, and a typed entry point that names them."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from convert.bundle.index import Published, published
from convert.bundle.layout import digests
from convert.errors import ToolError, UsageError
from convert.manifest import NAME as MANIFEST
from convert.manifest import Manifest
from convert.store import locked, publish_folder
from convert.vocabulary import Record

_PACKAGE = "package.json"
_KIT = "kit"
"""A folder beside the variants that an app kit was written to: its entry point is taken over."""
_MINUTES = 2


class Entry(Record):
    """What the entry point says of a variant."""

    model: str
    manifest: str
    preprocessing: str
    target: str
    scheme: str
    sha256: str
    bytes: int


def pack(
    bundles: Mapping[str, Path], folder: Path, *, name: str, version: str, kit: Path | None = None
) -> bool:
    """Make `folder` the package; False where just these bundles are there in that version.

    Raises UsageError where the folder is no package of that name, or has the version with other
    bytes; ToolError where npm is here and cannot pack it.
    """
    wanted = {variant: published(path) for variant, path in bundles.items()}
    with locked(folder):
        if folder.exists() and any(folder.iterdir()):
            there = _read(folder, name)
            if there == version:
                _require_same(folder, wanted, f"{name}@{version} in {folder}")
                return False
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".staging-") as scratch:
            staging = Path(scratch, folder.name)
            _write(bundles, staging, name, version, kit)
            _require_packs(staging)
            publish_folder(staging, folder)
    return True


def _read(folder: Path, name: str) -> str:
    """The version of the package that is there."""
    try:
        there = json.loads((folder / _PACKAGE).read_bytes())
        if there["name"] == name:
            return str(there["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise UsageError(
        f"{folder} is there and is not the npm package {name}", hint="Give an empty folder."
    )


def _require_same(folder: Path, wanted: Mapping[str, Published], where: str) -> None:
    there = {path.parent.name: published(path.parent) for path in folder.glob(f"*/{MANIFEST}")}
    if there != wanted:
        raise UsageError(
            f"{where} is there with other bytes",
            hint="A version never changes: give a new one with --version.",
        )


def _write(
    bundles: Mapping[str, Path], staging: Path, name: str, version: str, kit: Path | None
) -> None:
    staging.mkdir()
    entries = {}
    for variant, path in bundles.items():
        shutil.copytree(path, staging / variant)
        entries[variant] = _entry(variant, path)
    first = Manifest.model_validate_json((next(iter(bundles.values())) / MANIFEST).read_bytes())
    own = kit is not None and (kit / "index.js").is_file() and (kit / "index.d.ts").is_file()
    if kit is not None and own:
        shutil.copytree(kit, staging / _KIT)
    (staging / "index.js").write_text(_script(entries, own))
    (staging / "index.d.ts").write_text(_types(entries, own))
    (staging / "README.md").write_text(_readme(first, name, version, entries))
    shutil.copyfile(next(iter(bundles.values())) / "NOTICE", staging / "NOTICE")
    (staging / _PACKAGE).write_text(_package(first, name, version, [*entries], own))


def _entry(variant: str, path: Path) -> Entry:
    made = Manifest.model_validate_json((path / MANIFEST).read_bytes()).artifact
    file = f"{made.path}/model.json" if (path / made.path).is_dir() else made.path
    return Entry(
        model=f"./{variant}/{file}",
        manifest=f"./{variant}/{MANIFEST}",
        preprocessing=f"./{variant}/preprocessing.json",
        target=made.target,
        scheme=made.scheme,
        sha256=made.sha256,
        bytes=made.bytes,
    )


def _script(entries: Mapping[str, Entry], kit: bool) -> str:
    """ES module: addresses are relative to it, which bundlers and browsers both resolve."""
    lines = ["// Made by `convert publish`: where each file of this package is.", ""]
    lines.append("export const variants = {")
    for variant, entry in entries.items():
        lines.append(f"  {json.dumps(variant)}: {{")
        for key in ("model", "manifest", "preprocessing"):
            address = json.dumps(getattr(entry, key))
            lines.append(f"    {key}: new URL({address}, import.meta.url),")
        for key in ("target", "scheme", "sha256", "bytes"):
            lines.append(f"    {key}: {json.dumps(getattr(entry, key))},")
        lines.append("  },")
    lines += ["};", *(['export * from "./kit/index.js";'] if kit else [])]
    return "\n".join(lines) + "\n"


def _types(entries: Mapping[str, Entry], kit: bool) -> str:
    names = " | ".join(json.dumps(variant) for variant in entries)
    lines = [
        "/** One published file. Addresses are of this package's own files. */",
        "export interface Variant {",
        "  readonly model: URL;",
        "  readonly manifest: URL;",
        "  /** How the file is fed and read, as data. */",
        "  readonly preprocessing: URL;",
        '  readonly target: "tflite" | "tfjs" | "onnx";',
        "  readonly scheme: string;",
        "  readonly sha256: string;",
        "  readonly bytes: number;",
        "}",
        f"export type VariantName = {names};",
        "export declare const variants: Readonly<Record<VariantName, Variant>>;",
        *(['export * from "./kit/index.js";'] if kit else []),
    ]
    return "\n".join(lines) + "\n"


def _readme(manifest: Manifest, name: str, version: str, entries: Mapping[str, Entry]) -> str:
    rows = [
        f"| [{variant}]({variant}/README.md) | {entry.bytes:,} | `{entry.sha256}` |"
        for variant, entry in entries.items()
    ]
    lines = [
        f"# {name} {version}",
        "",
        f"{manifest.recipe.title}. License of the weights: {manifest.license.id}; see `NOTICE`.",
        "",
        "| variant | bytes | SHA-256 |",
        "|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _package(manifest: Manifest, name: str, version: str, variants: list[str], kit: bool) -> str:
    """Its license is the weights', as SPDX has it, or else NOTICE, as npm asks for."""
    from cyclonedx.spdx import fixup_id

    package = {
        "name": name,
        "version": version,
        "description": manifest.recipe.title,
        "license": fixup_id(manifest.license.id) or "SEE LICENSE IN NOTICE",
        "type": "module",
        "main": "./index.js",
        "types": "./index.d.ts",
        "exports": {
            ".": {"types": "./index.d.ts", "default": "./index.js"},
            "./*": "./*",
        },
        "sideEffects": False,
        "files": ["index.js", "index.d.ts", "NOTICE", *variants, *([_KIT] if kit else [])],
    }
    return json.dumps(package, indent=2) + "\n"


def _require_packs(staging: Path) -> None:
    """Let npm pack it, where npm is here, and see that no file is left out. Nothing is written."""
    npm = shutil.which("npm")
    if npm is None:
        return
    command = [npm, "pack", "--dry-run", "--json", "--ignore-scripts", "--offline"]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [*command, "--cache", cache],
            cwd=staging,
            capture_output=True,
            text=True,
            timeout=60 * _MINUTES,
            check=False,
        )
    if done.returncode:
        raise ToolError(f"npm pack: {done.stderr.strip()[:500]}")
    packed = {file["path"] for file in json.loads(done.stdout)[0]["files"]}
    missing = sorted({*digests(staging)} - packed)
    if missing:
        raise ToolError(f"npm pack leaves out {', '.join(missing)}")
