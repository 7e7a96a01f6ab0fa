"""An npm package that npm packs whole and that names its files with types."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from convert.errors import UsageError
from convert.stages.check import check
from convert.stages.pack import pack

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on PATH")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "package"


def packed(bundle: Path, folder: Path, version: str = "1.0.0", kit: Path | None = None) -> bool:
    return pack({bundle.name: bundle}, folder, name="tiny-net", version=version, kit=kit)


def test_the_package_is_named_licensed_and_typed(bundle: Path, folder: Path) -> None:
    assert packed(bundle, folder)
    package = json.loads((folder / "package.json").read_bytes())
    assert (package["name"], package["version"]) == ("tiny-net", "1.0.0")
    assert package["license"] == "Apache-2.0"
    assert package["types"] == "./index.d.ts"
    types = (folder / "index.d.ts").read_text()
    assert 'export type VariantName = "tflite-uint8";' in types


def test_the_bundles_in_it_are_whole(bundle: Path, folder: Path) -> None:
    packed(bundle, folder)
    assert check(folder / "tflite-uint8").problems == ()


@needs_npm
def test_npm_packs_every_file(bundle: Path, folder: Path, tmp_path: Path) -> None:
    packed(bundle, folder)
    command = ["npm", "pack", "--json", "--ignore-scripts", "--offline"]
    command += ["--cache", str(tmp_path / "cache"), "--pack-destination", str(tmp_path)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = {file["path"] for file in json.loads(done.stdout)[0]["files"]}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == there


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH")
def test_node_finds_the_files_that_the_entry_point_names(bundle: Path, folder: Path) -> None:
    packed(bundle, folder)
    script = """
        import { variants } from "./index.js";
        import { readFileSync } from "node:fs";
        const { model, preprocessing, bytes } = variants["tflite-uint8"];
        if (readFileSync(model).length !== bytes) throw new Error("length");
        console.log(JSON.parse(readFileSync(preprocessing)).task);
    """
    command = ["node", "--input-type=module", "-e", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "segmentation", done.stderr


def test_a_kit_is_taken_over(bundle: Path, folder: Path, tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    kit.mkdir()
    (kit / "index.js").write_text("export const open = 1;\n")
    (kit / "index.d.ts").write_text("export declare const open: number;\n")
    packed(bundle, folder, kit=kit)
    assert 'export * from "./kit/index.js";' in (folder / "index.js").read_text()
    assert 'export * from "./kit/index.js";' in (folder / "index.d.ts").read_text()
    assert (folder / "kit" / "index.js").is_file()


def test_the_same_version_never_changes(bundle: Path, folder: Path) -> None:
    packed(bundle, folder)
    assert not packed(bundle, folder)
    with (bundle / "SHA256SUMS").open("a") as file:
        file.write("?")
    with pytest.raises(UsageError, match=r"tiny-net@1\.0\.0 .* other bytes"):
        packed(bundle, folder)


def test_another_version_takes_the_folder(bundle: Path, folder: Path) -> None:
    packed(bundle, folder)
    assert packed(bundle, folder, "1.1.0")
    assert json.loads((folder / "package.json").read_bytes())["version"] == "1.1.0"


def test_a_folder_that_is_something_else_is_left_alone(bundle: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "letters.txt").write_text("dear")
    with pytest.raises(UsageError, match="is not the npm package tiny-net"):
        packed(bundle, folder)
    assert (folder / "letters.txt").read_text() == "dear"
