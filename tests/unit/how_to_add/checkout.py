"""A copy of the package, to which is added what the README says and nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
ADDED = Path(__file__).parent / "added"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The places that the README names for one kind of thing."""

    folder: str
    table: str
    protocol: str
    word: str | None
    """The Literal of convert/vocabulary.py; None where the name is in no closed set."""

    @property
    def places(self) -> list[str]:
        init = f"{self.folder}/__init__.py"
        says = [f"{self.folder}/<name>.py", init, self.table, self.protocol]
        return [*says, "convert/vocabulary.py", self.word] if self.word else says


KINDS = {
    "source reader": Kind(
        folder="convert/sources", table="SOURCES", protocol="SourceReader", word="SourceFormat"
    ),
    "target": Kind(
        folder="convert/targets", table="TARGETS", protocol="TargetBackend", word="Target"
    ),
    "runtime": Kind(folder="convert/runtimes", table="RUNTIMES", protocol="Runtime", word=None),
    "metric": Kind(
        folder="convert/metrics", table="METRICS", protocol="MetricBackend", word="MetricName"
    ),
    "dataset": Kind(
        folder="convert/datasets", table="DATASETS", protocol="DatasetBackend", word="DatasetKind"
    ),
}

RECIPE = """\
title = "A model of two halves"
task = "segmentation"
classes = 2
metric = "{metric}"

[source]
format = "{source}"
path = "model.pbtxt"
sha256 = "{sha256}"

[license]
id = "CC0-1.0"
evidence = "made by this test"

[cut]
original_input = "pixels"
original_output = "scores"
input = "pixels"
output = "scores"

[preprocessing]
size = [16, 16]

[postprocessing]
decode = "argmax"

[dataset]
kind = "{dataset}"

[targets.{target}]
schemes = ["float32"]

[gates.every]
drop = 0.001
"""

USUAL = {"source": "frozen_graph", "target": "onnx", "metric": "miou", "dataset": "shapes"}


class Checkout:
    """A copy of the package, to which a reader of the README adds something."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("convert", "recipes"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", root)

    def add(self, kind: Kind, name: str, target: str = "core_graph") -> None:
        """One module, one import and one entry in the table, one word where there is a set.

        The module is of `added`; a runtime's there takes core_graph files, unless told otherwise.
        """
        module = (ADDED / f"{name}.py").read_text().replace('"core_graph"', f'"{target}"')
        (self.root / kind.folder / f"{name}.py").write_text(module)
        package = kind.folder.replace("/", ".")
        table = self.root / kind.folder / "__init__.py"
        before(table, r"from convert\.", f"from {package} import {name}\n")
        after(table, rf"{kind.table}: .*= \{{", f'"{name}": {name}, ')
        if kind.word:
            words = self.root / "convert/vocabulary.py"
            after(words, rf"{kind.word} = Literal\[", f'"{name}", ')

    def add_recipe(self, name: str, **named: str) -> Path:
        """One file, whatever it names."""
        path = self.root / "recipes" / f"{name}.toml"
        path.write_text(RECIPE.format(**{**USUAL, "sha256": 64 * "0", **named}))
        return path

    def run(self, *arguments: str) -> str:
        """What a new process of this copy prints. CONVERT_HOME is its root."""
        environment = {**os.environ, "PYTHONPATH": str(self.root), "CONVERT_HOME": str(self.root)}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, program: str) -> str:
        return self.run("-c", program)

    def convert(self, *arguments: str) -> object:
        return json.loads(self.run("-m", "convert", *arguments, "--json"))


def before(path: Path, pattern: str, text: str) -> None:
    """Put a text before the first line that begins so."""
    _edit(path, rf"(?m)(?=^{pattern})", text)


def after(path: Path, pattern: str, text: str) -> None:
    """Put a text after what a line begins with."""
    _edit(path, rf"(?m)(?<=\n)({pattern})", rf"\g<1>{text}")


def _edit(path: Path, pattern: str, replacement: str) -> None:
    edited, count = re.subn(pattern, replacement, path.read_text(), count=1)
    assert count == 1, f"{path} has no {pattern}"
    path.write_text(edited)
