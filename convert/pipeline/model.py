"""One variant's file: written once, weighed once, with its golden tensors."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import brotli

from convert.artifact import Artifact
from convert.errors import ToolError, UnsupportedError
from convert.graph.expressible import inexpressible
from convert.machine import instructions
from convert.manifest import Golden
from convert.memo import code_digest, versions
from convert.pipeline.core import Core
from convert.pipeline.decided import EightBits
from convert.pipeline.job import export_job, metadata
from convert.pipeline.plan import Key
from convert.pipeline.work import Work, read_record, write_record
from convert.runtimes import for_target
from convert.runtimes.base import Runtime, Session
from convert.signature import Signature
from convert.stages.golden import golden
from convert.store import digest
from convert.targets import TARGETS
from convert.targets.base import Export
from convert.vocabulary import Record

FACTS = "model.json"


class ModelFacts(Record):
    """What is known of a file as soon as it is written."""

    sha256: str
    bytes: int
    signature: Signature
    seconds: float


class Weight(Record):
    """What compressing a file found."""

    bytes_brotli: int


@dataclass(frozen=True, kw_only=True)
class Model:
    """An exported file, where it lies and what it takes and gives."""

    key: Key
    path: Path
    facts: ModelFacts

    @property
    def input_name(self) -> str:
        """What it calls its picture."""
        return self.facts.signature.inputs[0].name

    @property
    def runtime(self) -> Runtime:
        """What it is verified on."""
        return for_target(self.key.target)

    def open_session(self, threads: int) -> Session:
        """Load it."""
        return self.runtime.open_session(self.path, self.facts.signature, threads)


def export(work: Work, core: Core, key: Key, eight: EightBits | None) -> Model:
    """Write one variant's file, unless that was done; `eight` is what was decided for it."""
    target, choice = TARGETS[key.target], work.plan.recipe.targets[key.target]
    parts = {
        "core": eight.sha256 if eight else core.facts.sha256,
        "scheme": key.scheme,
        "layout": choice.layout,
        "metadata": metadata(work, key).model_dump(mode="json"),
        # An integer onnx file has the types that this machine is fast at.
        "machine": instructions() if eight else (),
        "tools": versions(target.TOOLS),
        "code": code_digest("graph", "targets", "pictures"),
    }

    def make(folder: Path) -> None:
        work.progress.stage(str(key), "convert")
        write_record(folder, FACTS, write(work, core, key, eight, folder).facts)

    folder = work.memo.once(str(key), parts, make)
    return Model(key=key, path=folder / target.FILE, facts=read_record(folder, FACTS, ModelFacts))


def write(work: Work, core: Core, key: Key, eight: EightBits | None, folder: Path) -> Model:
    """Write one variant's file into a folder."""
    started = time.monotonic()
    target = TARGETS[key.target]
    job = export_job(work, core, key, eight)
    signature = _written(job, key, folder)
    facts = ModelFacts(
        sha256=digest(folder / target.FILE),
        bytes=sum(file.stat().st_size for file in _files(folder / target.FILE)),
        signature=signature,
        seconds=time.monotonic() - started,
    )
    return Model(key=key, path=folder / target.FILE, facts=facts)


def _written(job: Export, key: Key, folder: Path) -> Signature:
    """Write the file; where its converter fails, say which operators it has no answer to."""
    try:
        return TARGETS[key.target].export(job, folder)
    except ToolError as error:
        ops = Counter(node.op for node in job.core.graph_def.node)
        unknown = inexpressible(key.target, ops)
        if not unknown:
            raise
        named = ", ".join(f"{op} ({count})" for op, count in unknown.items())
        raise UnsupportedError(
            f"{key.target} cannot express {named}: {error.message}",
            hint="Leave the target out of the recipe, or cut before these operators.",
        ) from error


def weigh(work: Work, model: Model) -> int:
    """The bytes of a file after brotli at its best, which is what a web server would keep."""

    def make(folder: Path) -> None:
        work.progress.stage(str(model.key), "compress")
        compressed = (len(brotli.compress(file.read_bytes())) for file in _files(model.path))
        write_record(folder, "weight.json", Weight(bytes_brotli=sum(compressed)))

    folder = work.memo.once("weight", {"model": model.facts.sha256}, make)
    return read_record(folder, "weight.json", Weight).bytes_brotli


def golden_tensors(work: Work, model: Model) -> tuple[Golden, Path]:
    """The record and the folder of a file's golden tensors."""
    pre = work.plan.recipe.preprocessing
    parts = {
        "model": model.facts.sha256,
        "preprocessing": pre.model_dump(),
        "runtime": model.runtime.version(),
        "code": code_digest("pictures", "runtimes", "datasets"),
    }

    def make(folder: Path) -> None:
        work.progress.stage(str(model.key), "golden tensors")
        made = golden(model.open_session(1), model.input_name, pre, model.runtime.NAME, folder)
        write_record(folder, "golden.json", made)

    folder = work.memo.once("golden", parts, make)
    return read_record(folder, "golden.json", Golden), folder


def artifact(work: Work, core: Core, model: Model) -> Artifact:
    """What is published of a file."""
    return Artifact(
        target=model.key.target,
        scheme=model.key.scheme,
        path=model.path.name,
        sha256=model.facts.sha256,
        bytes=model.facts.bytes,
        bytes_brotli=weigh(work, model),
        signature=model.facts.signature,
        parent=core.facts.sha256,
    )


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
