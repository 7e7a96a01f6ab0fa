"""The JavaScript packages are locked, come whole or not at all, and name no registry."""

import json
from pathlib import Path

import pytest

from convert.errors import ToolError
from convert.progress import Silence
from convert.web import packages

LOCK = json.loads((packages.LIST / "package-lock.json").read_text())
WANTED = json.loads((packages.LIST / "package.json").read_text())["dependencies"]


def fake_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """An npm that does what the script says, in a home without packages."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.suffix != ".lock" and path.is_file()]


def test_the_lockfile_names_no_registry_and_checks_every_package() -> None:
    assert "http" not in json.dumps([one.get("resolved") for one in LOCK["packages"].values()])
    packed = {name: one for name, one in LOCK["packages"].items() if name}
    assert packed
    assert [name for name, one in packed.items() if "integrity" not in one] == []


def test_every_package_is_asked_for_in_one_version() -> None:
    assert packages.versions() == WANTED


def test_no_webassembly_is_in_the_checkout() -> None:
    assert not list(packages.LIST.parent.rglob("*.wasm"))


def test_without_npm_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ToolError, match="npm is not on PATH") as caught:
        packages.setup(Silence())
    assert "Node.js" in (caught.value.hint or "")
    assert packages.COMMAND in (packages.missing() or "")
    with pytest.raises(ToolError, match=packages.COMMAND):
        packages.installed()


def test_an_npm_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path / "bin", monkeypatch, "echo 'npm error code ENOTFOUND' >&2; exit 7")
    with pytest.raises(ToolError, match=r"npm ci ended with 7: npm error code ENOTFOUND"):
        packages.setup(Silence())
    assert left_in(tmp_path / "bin" / "cache") == []


def test_a_package_without_its_files_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_npm(tmp_path / "bin", monkeypatch, "mkdir node_modules")
    with pytest.raises(ToolError, match="is in none of the packages"):
        packages.setup(Silence())
    assert left_in(tmp_path / "bin" / "cache") == []


def test_npm_may_run_no_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path / "bin", monkeypatch, f'echo "$@" > {tmp_path}/asked; exit 1')
    with pytest.raises(ToolError):
        packages.setup(Silence())
    assert (tmp_path / "asked").read_text().startswith("ci --ignore-scripts")
