"""What the README says under "How to add" is enough: one module, one table, one word.

Each test makes a copy of the package, does there what the README says and nothing else, and asks a
new process whether convert has taken it up.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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

GRAPH_TEXT = '''"""Frozen TensorFlow graphs in text form (.pbtxt)."""

from pathlib import Path

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file begins as a graph in text form does."""
    return head.startswith(b"node {")


def read(path: Path) -> Graph:
    """The graph of a .pbtxt file."""
    graph_def = tensorflow().compat.v1.GraphDef()
    from google.protobuf import text_format

    text_format.Parse(path.read_text(), graph_def)
    return Graph(graph_def=graph_def, inputs=(), outputs=())
'''

CORE_GRAPH = '''"""The core graph itself, as a TensorFlow user takes it."""

from pathlib import Path

from convert.signature import Signature, TensorSpec
from convert.targets.base import Export
from convert.vocabulary import Target

NAME: Target = "core_graph"
FILE = "core.pb"
TOOLS = ("tensorflow",)


def export(job: Export, folder: Path) -> Signature:
    """Write the core as a serialized GraphDef."""
    (folder / FILE).write_bytes(job.core.graph_def.SerializeToString())
    shapes = job.core.shapes()
    specs = [
        TensorSpec(name=name, dtype="float32", shape=shapes[name] or (), layout="NHWC")
        for name in (*job.core.inputs, *job.core.outputs)
    ]
    return Signature(inputs=tuple(specs[:1]), outputs=tuple(specs[1:]))
'''

BY_TENSORFLOW = '''"""Core graphs run by TensorFlow."""

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.runtimes.base import Array, SessionFacts
from convert.signature import Signature
from convert.vocabulary import Target

NAME = "by_tensorflow"
TARGET: Target = "{target}"
MEASURED = False


def missing() -> str | None:
    """Nothing is missing."""
    return None


def version() -> str:
    """The version of tensorflow."""
    return metadata.version("tensorflow")


def open_session(path: Path, signature: Signature, threads: int) -> "Session":
    """Load a graph."""
    graph_def = tensorflow().compat.v1.GraphDef.FromString(path.read_bytes())
    ends = signature.inputs[0].name, signature.outputs[0].name
    return Session(Graph(graph_def=graph_def, inputs=ends[:1], outputs=ends[1:]), threads)


class Session:
    """A loaded graph."""

    def __init__(self, graph: Graph, threads: int) -> None:
        self.facts = SessionFacts(threads=threads)
        self._graph, self._call = graph, function(graph, threads=threads)

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Put the input in place."""
        self._loaded = inputs[self._graph.inputs[0]]

    def invoke(self) -> None:
        """Run once."""
        self._found = self._call(self._loaded)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once on the inputs."""
        self.load(inputs)
        self.invoke()
        return dict(zip(self._graph.outputs, self._found, strict=True))
'''

PIXELS_RIGHT = '''"""The share of pixels with the right label; a statistic is right and all, [2]."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.metrics.base import Prediction, Statistic, Truth

HEADLINE = "pixels_right"
AGAINST = "truth"


def observe(prediction: Prediction, truth: Truth, classes: int) -> Statistic:
    """One picture's pixels."""
    return np.array([np.count_nonzero(prediction == truth), prediction.size], np.float64)


def headline(sums: Statistic) -> NDArray[np.float64]:
    """The share of each of B sums [B, 2]."""
    return np.asarray(sums[..., 0] / sums[..., 1])


def figures(total: Statistic) -> Mapping[str, float]:
    """The share."""
    return {HEADLINE: float(headline(total))}


def breakdown(total: Statistic) -> tuple[float | None, ...]:
    """Nothing by class."""
    return ()


def agreement(prediction: Prediction, reference: Prediction, truth: Truth) -> tuple[int, int]:
    """Pixels with the reference's label, and all."""
    return int(np.count_nonzero(prediction == reference)), prediction.size


def label(prediction: Prediction) -> Prediction:
    """The labels as they are."""
    return prediction
'''

HALVES = '''"""Drawn pictures with a dark left half (label 0) and a bright right half (label 1)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.datasets.base import Picture, Sample
from convert.recipe import DatasetChoice

FOLDER_NEEDED = False


@dataclass(frozen=True, kw_only=True)
class Halves:
    """One picture, by its seed."""

    seed: int

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"halves-{self.seed}"

    def read(self) -> Sample:
        """Draw it."""
        truth = np.repeat(np.arange(16) >= 8, 16).reshape(16, 16).T.astype(np.uint8)
        noise = np.random.default_rng(self.seed).integers(0, 99, (16, 16, 3))
        image = (noise + 150 * truth[..., np.newaxis]).astype(np.uint8)
        return Sample(name=self.name, image=image, truth=truth)

    def digest(self) -> str:
        """By the seed."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def truth_digest(self) -> str:
        """The truth is always the same."""
        return "halves"


def list_pictures(
    root: Path, split: str, choice: DatasetChoice, labels: tuple[str, ...] | None
) -> tuple[Picture, ...]:
    """Eight pictures of each split."""
    first = 0 if split == choice.calibration else 8
    return tuple(Halves(seed=first + turn) for turn in range(8))
'''

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

    def add(self, kind: Kind, name: str, module: str) -> None:
        """One module, one import and one entry in the table, one word where there is a set."""
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


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "copy")


def test_a_new_source_reader_is_chosen_by_the_files_content(checkout: Checkout) -> None:
    checkout.add(KINDS["source reader"], "graph_text", GRAPH_TEXT)
    (checkout.root / "any.name").write_text('node {\n  name: "x"\n  op: "NoOp"\n}\n')
    found = checkout.python(
        "from pathlib import Path; from convert.sources.detect import detect;"
        "print(detect(Path('any.name')))"
    )
    assert found.strip() == "graph_text"


def test_a_new_source_format_may_stand_in_a_recipe(checkout: Checkout) -> None:
    checkout.add(KINDS["source reader"], "graph_text", GRAPH_TEXT)
    checkout.add_recipe("mine", source="graph_text")
    shown = checkout.convert("show", "mine")
    assert isinstance(shown, dict)
    assert shown["source"]["format"] == "graph_text"


def test_a_new_target_may_stand_in_a_recipe_and_be_chosen_on_the_command_line(
    checkout: Checkout,
) -> None:
    checkout.add(KINDS["target"], "core_graph", CORE_GRAPH)
    checkout.add_recipe("mine", target="core_graph")
    shown = checkout.convert("show", "mine")
    assert isinstance(shown, dict)
    assert list(shown["targets"]) == ["core_graph"]
    program = "from convert.cli.options import targets; print(targets('onnx, core_graph'))"
    assert "core_graph" in checkout.python(program)


def test_a_target_without_a_runtime_is_refused_by_name(checkout: Checkout) -> None:
    checkout.add(KINDS["target"], "core_graph", CORE_GRAPH)
    said = checkout.python(
        "from convert.errors import UnsupportedError; from convert.runtimes import for_target\n"
        "try: for_target('core_graph')\n"
        "except UnsupportedError as error: print(error, error.hint)"
    )
    assert "no runtime takes core_graph files" in said
    assert "convert/runtimes/__init__.py" in said


def test_a_new_runtime_is_listed_by_doctor(checkout: Checkout) -> None:
    checkout.add(KINDS["runtime"], "by_tensorflow", BY_TENSORFLOW.format(target="tfjs"))
    findings = checkout.convert("doctor")
    assert isinstance(findings, list)
    (mine,) = [one for one in findings if one["subject"] == "by_tensorflow"]
    assert mine["status"] == "good"
    assert "runs tfjs files (accuracy only)" in mine["found"]


def test_a_new_metric_is_scored_and_judged(checkout: Checkout) -> None:
    checkout.add(KINDS["metric"], "pixels_right", PIXELS_RIGHT)
    checkout.add_recipe("mine", metric="pixels_right")
    shown = checkout.convert("show", "mine")
    assert isinstance(shown, dict)
    assert shown["metric"] == "pixels_right"
    gate = checkout.python(
        "import numpy as np; from convert.metrics import METRICS;"
        "from convert.observations import Observations; from convert.recipe import Bounds;"
        "from convert.stages.judge import judge, score;"
        "metric = METRICS['pixels_right'];"
        "truth = np.array([[0, 1], [1, 1]], np.uint8);"
        "seen = lambda p: Observations(statistics=np.stack([metric.observe(p, truth, 2)] * 3),"
        "  agreed=np.array([3] * 3), counted=np.array([4] * 3));"
        "found = score(metric, seen(np.array([[0, 1], [1, 0]], np.uint8)), seen(truth));"
        "(verdict,) = judge(Bounds(drop=0.2), headline=metric.HEADLINE,"
        "  measured=found['pixels_right'], size=1, latency=());"
        "print(verdict.model_dump_json())"
    )
    verdict = json.loads(gate)
    assert verdict == {
        "gate": "pixels_right_drop",
        "bound": 0.2,
        "value": 0.25,
        "passed": False,
    }


def test_a_new_dataset_is_opened_by_a_recipes_choice(checkout: Checkout) -> None:
    checkout.add(KINDS["dataset"], "halves", HALVES)
    checkout.add_recipe("mine", dataset="halves")
    found = checkout.python(
        "from convert import recipes; from convert.datasets import open_split;"
        "choice = recipes.load(recipes.find('mine')).dataset;"
        "split = open_split(choice, 'val', None, 3, 2);"
        "print([sample.name for sample in split], len(set(split.digests())))"
    )
    assert found.strip() == "['halves-8', 'halves-9', 'halves-10'] 3"


def test_a_new_recipe_is_listed(checkout: Checkout) -> None:
    checkout.add_recipe("mine")
    listed = checkout.convert("list")
    assert isinstance(listed, list)
    assert "mine" in [one["name"] for one in listed]


def add_everything(checkout: Checkout) -> None:
    checkout.add(KINDS["source reader"], "graph_text", GRAPH_TEXT)
    checkout.add(KINDS["target"], "core_graph", CORE_GRAPH)
    checkout.add(KINDS["runtime"], "by_tensorflow", BY_TENSORFLOW.format(target="core_graph"))
    checkout.add(KINDS["metric"], "pixels_right", PIXELS_RIGHT)
    checkout.add(KINDS["dataset"], "halves", HALVES)


MODEL = """
import hashlib
from pathlib import Path
import numpy as np
from convert.graph.tensorflow import tensorflow
tf = tensorflow()
with tf.Graph().as_default() as graph:
    pixels = tf.compat.v1.placeholder(tf.float32, [1, 16, 16, 3], name="pixels")
    kernel = np.array([[[[-1, 1]] * 3]], np.float32)
    bright = tf.nn.conv2d(pixels, tf.constant(kernel), 1, "SAME")
    tf.nn.bias_add(bright, tf.constant([350.0, -350.0]), name="scores")
path = Path("recipes/model.pbtxt")
path.write_text(str(graph.as_graph_def()))
print(hashlib.sha256(path.read_bytes()).hexdigest())
"""


@pytest.mark.slow
def test_all_of_them_together_take_a_model_down_the_whole_road(checkout: Checkout) -> None:
    add_everything(checkout)
    sha256 = checkout.python(MODEL).strip()
    named = {"source": "graph_text", "target": "core_graph", "dataset": "halves"}
    checkout.add_recipe("mine", metric="pixels_right", sha256=sha256, **named)
    report = checkout.convert("run", "mine")
    assert isinstance(report, dict)
    (variant,) = report["variants"]
    assert variant["passed"]
    assert variant["verified_by"] == "by_tensorflow"
    assert variant["metrics"]["pixels_right"]["value"] > 0.99
    assert (checkout.root / "models/out/mine" / variant["path"]).is_file()


def test_the_floors_hold_with_all_of_them(checkout: Checkout) -> None:
    add_everything(checkout)
    said = checkout.python("from importlinter.cli import lint_imports_command as check; check()")
    assert " 0 broken" in said


def test_the_readme_names_these_places_in_at_most_five_lines() -> None:
    for name, kind in KINDS.items():
        steps = how_to_add(name)
        for place in kind.places:
            assert place in steps, f"the README does not name {place} for a new {name}"
    assert "recipes/<name>.toml" in how_to_add("recipe")


def how_to_add(name: str) -> str:
    """The README's steps for one kind, each a line of a numbered list."""
    readme = (ROOT / "README.md").read_text()
    match = re.search(rf"^### A new {name}\n\n((?:.+\n)+)", readme, re.MULTILINE)
    assert match, f"the README does not say how to add a new {name}"
    lines = match[1].splitlines()
    assert 1 <= len(lines) <= 5
    assert all(re.match(r"\d\. ", line) for line in lines)
    return match[1]
