"""manifest.json: what a published folder says of itself, enough to use and check it without us."""

from convert.artifact import Artifact
from convert.recipe import License, Recipe
from convert.report import Assignment, Latency, Measured, Verdict
from convert.vocabulary import Record

NAME = "manifest.json"


class Lineage(Record):
    """Each file's parent, by digest: source -> core -> model."""

    source_sha256: str
    source_origin: str
    core_sha256: str
    recipe_sha256: str


class Golden(Record):
    """Tensors to test an installation with: run `input`, compare every `stride`-th of each output.

    The file is a .npz of `image` uint8 RGB [H, W, 3] (drawn by convert), `input` float32
    [1, h, w, 3] and `output_<name>` float32; a map's rows and columns are taken with the stride.
    """

    file: str
    stride: int
    runtime: str


class Manifest(Record):
    """One published variant."""

    schema_version: int = 1
    convert_version: str
    artifact: Artifact
    files: dict[str, str]
    """Every other file of the folder -> its SHA-256."""
    lineage: Lineage
    license: License
    tools: dict[str, str]
    golden: Golden
    images: int
    """Pictures of the evaluation split that the metrics are over."""
    dataset: str
    metrics: dict[str, Measured]
    latency: tuple[Latency, ...]
    gates: tuple[Verdict, ...]
    mixed: Assignment | None = None
    """Which layers of a mixed file stay in float, and what that was found by."""
    recipe: Recipe
    """The whole recipe: pre- and postprocessing, labels and the rest stand in it."""
