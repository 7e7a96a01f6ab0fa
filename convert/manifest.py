"""manifest.json: what a published folder says of itself, enough to use and check it without us."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from convert.artifact import Artifact
from convert.errors import SourceError, UsageError
from convert.recipe import License, Recipe
from convert.report import Assignment, Calibration, Elsewhere, Measured, Verdict
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
    """One published variant: what the same inputs and versions always give.

    Times differ from run to run, so they and what was judged by them stand in `timings.json`.
    """

    schema_version: Literal[2] = 2
    convert_version: str
    artifact: Artifact
    files: dict[str, str]
    """Each document that is made of this record, and the golden tensors -> SHA-256."""
    lineage: Lineage
    license: License
    tools: dict[str, str]
    golden: Golden
    images: int
    """Pictures of the evaluation split that the metrics are over."""
    dataset: str
    metrics: dict[str, Measured]
    web: tuple[Elsewhere, ...] = ()
    """What the runtimes of the browser that were asked for make of it."""
    calibration: Calibration | None = None
    """What the eight bits were decided on; None of a file in floating point."""
    gates: tuple[Verdict, ...]
    """Those that were passed and are not of times."""
    mixed: Assignment | None = None
    """Which layers of a mixed file stay in float, and what that was found by."""
    recipe: Recipe
    """The whole recipe: pre- and postprocessing, labels and the rest stand in it."""


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a published folder. Raises UsageError or SourceError."""
    path = folder / NAME
    if not path.is_file():
        raise UsageError(
            f"{folder} is not a published variant: it has no {NAME}",
            hint="Give a folder such as models/out/<recipe>/tflite-float16.",
        )
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SourceError(f"{path}: {key}: {first['msg']}", hint="Publish it anew.") from error
