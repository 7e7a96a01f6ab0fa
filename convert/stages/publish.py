"""Put a passed variant where others find it: whole, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from convert import manifest as manifests
from convert.bundle import layout
from convert.bundle.documents import documents
from convert.bundle.sums import sums_text
from convert.bundle.timings import Timings, timings_text
from convert.manifest import Manifest
from convert.store import digest_file, locked, publish_folder, write_text


def publish(manifest: Manifest, timings: Timings, model: Path, golden: Path, final: Path) -> bool:
    """Make `final` a bundle: the model, its manifest, and all that stands in `bundle/layout.py`.

    Returns whether anything had to be written. A run that is broken off leaves what was there.
    """
    inside = _model_files(model, manifest.artifact.path)
    made = documents(manifest, {name: digest_file(file) for name, file in inside.items()})
    files = {name: sha256(content).hexdigest() for name, content in made.items()}
    files[manifest.golden.file] = digest_file(golden)
    whole = manifest.model_copy(update={"files": dict(sorted(files.items()))})
    made[manifests.NAME] = f"{whole.model_dump_json(indent=1)}\n".encode()
    times = timings_text(timings)
    with locked(final):
        if _stands(inside, golden, made, final):
            # Times alone change from run to run; what is signed or digested does not.
            if not _reads(final / layout.TIMINGS, times):
                write_text(final / layout.TIMINGS, times)
            return False
        with _staging(final) as staging:
            staging.mkdir()
            _copy(model, staging / manifest.artifact.path)
            _copy(golden, staging / manifest.golden.file)
            for name, content in made.items():
                (staging / name).write_bytes(content)
            (staging / layout.TIMINGS).write_text(times, encoding="utf-8")
            write_text(staging / layout.SUMS, sums_text(layout.digests(staging)))
            publish_folder(staging, final)
    return True


def withdraw(final: Path) -> None:
    """Take away what an earlier run published and this one refuses, in one step."""
    with locked(final), _staging(final) as aside:
        if final.exists():
            final.rename(aside)


@contextmanager
def _staging(final: Path) -> Iterator[Path]:
    """A place beside `final` that is gone afterwards, like those of runs that were killed."""
    prefix = f".staging-{final.name}-"
    for left in final.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=prefix) as scratch:
        yield Path(scratch, final.name)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _model_files(model: Path, path: str) -> dict[str, Path]:
    """A model's files by their names in the bundle."""
    if not model.is_dir():
        return {path: model}
    files = sorted(file for file in model.rglob("*") if file.is_file())
    return {f"{path}/{file.relative_to(model).as_posix()}": file for file in files}


def _stands(inside: dict[str, Path], golden: Path, made: dict[str, bytes], final: Path) -> bool:
    """Whether the folder holds all this already, every byte of it, and nothing else."""
    wanted = {name: digest_file(file) for name, file in inside.items()}
    wanted |= {golden.name: digest_file(golden)}
    wanted |= {name: sha256(content).hexdigest() for name, content in made.items()}
    try:
        there = layout.digests(final)
    except OSError:
        return False
    return there == wanted and _reads(final / layout.SUMS, sums_text(wanted))


def _reads(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
