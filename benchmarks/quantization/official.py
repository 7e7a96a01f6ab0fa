"""The authors' own eight-bit files, trained with quantization in view: other checkpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.quantization import signatures
from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.contestant import Contestant, Made, contestant
from benchmarks.quantization.records import Row
from benchmarks.quantization.subject import Subject
from convert.fetch import PATIENCE
from convert.obtain import obtain
from convert.progress import Silence
from convert.recipe import Source
from convert.targets import tflite

_CORAL = (
    "https://raw.githubusercontent.com/google-coral/test_data/"
    "104342d2d3480b3e66203073dac24f4e2dbb4c41/"
)


@dataclass(frozen=True, kw_only=True)
class Official:
    """A published file, by its digest."""

    file: str
    sha256: str
    bytes: int


OFFICIAL = {
    "deeplab-mnv2-dm05": Official(
        file="deeplabv3_mnv2_dm05_pascal_quant.tflite",
        sha256="0470d2a782aa54eeeb99d32e7b6b3fb7722905c7c4f5d26bd957ec861366d48b",
        bytes=760904,
    ),
    "mobilenet-v1-025-128": Official(
        file="mobilenet_v1_0.25_128_quant.tflite",
        sha256="cb273c23ee76374b05b9583177e28aa19744858a7679c56a250e83d0333da785",
        bytes=525598,
    ),
}


def official(subject: Subject) -> Iterator[Contestant]:
    """The authors' file of this model, if one is known."""
    found = OFFICIAL.get(subject.recipe.name)
    if found is not None:
        title = "official quantization-aware training (another checkpoint)"
        row = Row(target="tflite", title=title)
        make = partial(_brought, subject, found)
        yield contestant(subject, "official", row, make, made=found.sha256)


def _brought(subject: Subject, found: Official, folder: Path) -> Made:
    source = Source(
        format="tflite", urls=(_CORAL + found.file,), sha256=found.sha256, bytes=found.bytes
    )
    recipe = subject.recipe.model_copy(update={"source": source})
    path = folder / tflite.FILE
    mirror = subject.work.plan.mirror
    obtain(recipe, path, mirror=mirror, progress=Silence(), patience=PATIENCE)
    return Candidate(target="tflite", path=path, signature=signatures.of_tflite(path)), None
