"""Check bundles, wherever they are."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from convert.bundle import layout
from convert.bundle.index import Published, published
from convert.bundle.keyless import ANYBODY, Identity
from convert.errors import ConvertError
from convert.machine import cores
from convert.manifest import NAME as MANIFEST
from convert.manifest import Manifest
from convert.metrics import METRICS
from convert.pipeline.bundles.find import folders
from convert.progress import Progress
from convert.runtimes import RUNTIMES
from convert.stages.check import check
from convert.stages.golden import replay
from convert.vocabulary import Record

_NEAR = 1e-3
"""Share of the golden output's range that another machine's arithmetic may differ by."""


class GoldenFound(Record):
    """The golden tensors on one runtime; `difference` is in parts of the output's range."""

    runtime: str
    difference: float | None
    error: str | None = None


class BundleFound(Record):
    """One bundle, checked."""

    where: str
    files: int
    bytes: int
    signed_by: str | None
    identity: str | None
    golden: tuple[GoldenFound, ...]
    problems: tuple[str, ...]
    """Each begins with the name of the file."""
    passed: bool


def check_bundles(
    where: str, key: Path | None, identity: Identity, progress: Progress
) -> list[BundleFound]:
    """Check a bundle, or all of a recipe's or a version's, in a folder or at a URL.

    Raises SourceError where there is none.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = []
        for folder, label, wanted in folders(where, scratch, progress):
            progress.stage("", f"check {label}")
            found.append(checked(folder, label, wanted, key, identity))
        return found


def checked(
    folder: Path,
    label: str,
    wanted: Published | None = None,
    key: Path | None = None,
    identity: Identity = ANYBODY,
) -> BundleFound:
    """What is found of one bundle, with its golden tensors where its files are sound."""
    found = check(folder, key, identity)
    problems = (*found.problems, *index_problems(folder, wanted))
    golden = () if problems else tuple(_golden(folder))
    return BundleFound(
        where=label,
        files=found.files,
        bytes=found.bytes,
        signed_by=found.signed_by,
        identity=found.identity,
        golden=golden,
        problems=problems,
        passed=not problems and all(one.error is None for one in golden),
    )


def index_problems(folder: Path, wanted: Published | None) -> Iterator[str]:
    """What is wrong where the bundle is not the one that an index names."""
    if wanted and published(folder) != wanted:
        yield f"{layout.SUMS}: not the one that index.json names"


def _golden(folder: Path) -> Iterator[GoldenFound]:
    """The golden tensors on every runtime that is here and takes the file."""
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    for runtime in RUNTIMES.values():
        if manifest.artifact.target == runtime.TARGET and runtime.missing() is None:
            yield _replayed(folder, manifest, runtime.NAME)


def _replayed(folder: Path, manifest: Manifest, name: str) -> GoldenFound:
    """One runtime's answer; what the bundle was published for must give the golden one."""
    signature = manifest.artifact.signature
    truthful = METRICS[manifest.recipe.metric].AGAINST == "truth"
    try:
        session = RUNTIMES[name].open_session(folder / manifest.artifact.path, signature, cores())
        like = replay(
            session, signature.inputs[0].name, folder, manifest.golden, classified=truthful
        )
    except ConvertError as error:
        return GoldenFound(runtime=name, difference=None, error=error.message)
    far = name == manifest.golden.runtime and not like.difference < _NEAR
    wrong = f"{like.difference:.3g} of its range away" if far else like.wrong
    return GoldenFound(runtime=name, difference=like.difference, error=wrong)
