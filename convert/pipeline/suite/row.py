"""One row: a model's files on every runtime, measured in turns and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from convert.articles.found import Cell, Row
from convert.articles.table import CONVERTER_ON, Column, Line
from convert.errors import ConvertError, RuntimeFailure
from convert.machine import cores, machine
from convert.memo import Memo, code_digest
from convert.metrics import METRICS
from convert.pipeline.settings import Settings
from convert.pipeline.suite.converter import converters_file
from convert.pipeline.suite.files import File, folders, published
from convert.pipeline.work import read_record, write_record
from convert.progress import Progress
from convert.runtimes import BROWSER_RUNTIMES, named
from convert.stages.bench import BenchJob, Outcome, bench
from convert.stages.golden import replay
from convert.store import digest
from convert.web.features import features

_ROW = "row.json"


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """What all rows of a suite are given."""

    settings: Settings
    memo: Memo
    columns: tuple[Column, ...]
    """Those whose runtimes are here."""
    runs: int
    seconds: float
    progress: Progress

    @cached_property
    def versions(self) -> dict[str, str]:
        """The version of each runtime."""
        return {column.runtime: named(column.runtime).version() for column in self.columns}


def row(line: Line, given: Measuring) -> Row:
    """One model's cells, unless these very files were measured here before."""
    files = [published(folder, given.columns) for folder in folders(line, given.settings.out)]
    lost: list[Cell] = []
    if line.converter:
        files, lost = _with_converters(files, given)
    parts = {
        "files": [(file.sha256, file.scheme, file.writer, file.runtimes) for file in files],
        "runtimes": given.versions,
        "machine": machine().model_dump(),
        "limits": (given.runs, given.seconds),
        "code": code_digest("runtimes", "stages/bench", "web", "pipeline/suite"),
    }

    def make(folder: Path) -> None:
        cells = (*_measured(files, given), *lost)
        write_record(folder, _ROW, Row(title=line.title, recipe=line.recipe, cells=cells))

    return read_record(given.memo.once(line.recipe, parts, make), _ROW, Row)


def _with_converters(files: Sequence[File], given: Measuring) -> tuple[list[File], list[Cell]]:
    """The files with tensorflowjs_converter's, or with a cell that says why there is none."""
    ours = next((file for file in files if CONVERTER_ON in file.runtimes), None)
    if ours is None or ours.published is None:
        return list(files), []
    recipe = ours.published[1].recipe
    try:
        path, signature = converters_file(recipe, given.settings, given.memo, given.progress)
    except ConvertError as error:
        said = error.message
        lost = Cell(runtime=CONVERTER_ON, scheme="float32", writer="converter", error=said)
        return list(files), [lost]
    theirs = File(
        name=f"{ours.name}-of-the-converter",
        path=path,
        sha256=digest(path),
        scheme="float32",
        writer="converter",
        signature=signature,
        bytes=sum(one.stat().st_size for one in path.rglob("*") if one.is_file()),
        runtimes=(CONVERTER_ON,),
    )
    return [*files, theirs], []


def _measured(files: Sequence[File], given: Measuring) -> list[Cell]:
    """A cell for each file on each runtime."""
    pairs = {f"{file.name}@{name}": (file, name) for file in files for name in file.runtimes}
    drawn = [pair for pair in pairs.values() if _is_drawn(pair[1])]
    jobs = [
        _job(key, *pair, given.seconds) for key, pair in pairs.items() if not _is_drawn(pair[1])
    ]
    # All files in the browser take turns; for scale, native runtimes get one thread.
    pages = [job for job in jobs if job.in_browser]
    native = [job for job in jobs if not job.in_browser]
    found = {
        **bench(pages, runs=given.runs, progress=given.progress),
        **bench(native, threads=(1,), runs=given.runs, progress=given.progress),
    }
    timed = [_timed(*pairs[key], outcome) for (key, _), outcome in found.items()]
    return [*timed, *(_checked(*pair) for pair in drawn)]


def _is_drawn(runtime: str) -> bool:
    """Whether its GPU is drawn by the CPU: its times would say nothing."""
    page = BROWSER_RUNTIMES.get(runtime)
    return page is not None and page.gpu and features().software_gpu


def _job(key: str, file: File, runtime: str, seconds: float) -> BenchJob:
    return BenchJob(
        key=key,
        runtime=runtime,
        scheme=file.scheme,
        path=file.path,
        signature=file.signature,
        seconds=seconds,
    )


def _cell(file: File, runtime: str, **found: object) -> Cell:
    made = Cell(runtime=runtime, scheme=file.scheme, writer=file.writer, bytes=file.bytes)
    return made.model_copy(update=found)


def _timed(file: File, runtime: str, outcome: Outcome) -> Cell:
    if isinstance(outcome, RuntimeFailure):
        return _cell(file, runtime, error=outcome.message)
    return _cell(file, runtime, latency=outcome)


def _checked(file: File, runtime: str) -> Cell:
    """Whether the golden answer comes out of a runtime that is not timed."""
    assert file.published
    folder, manifest = file.published
    truthful = METRICS[manifest.recipe.metric].AGAINST == "truth"
    (spec,) = file.signature.inputs
    try:
        with BROWSER_RUNTIMES[runtime].open_session(file.path, file.signature, cores()) as session:
            like = replay(session, spec.name, folder, manifest.golden, classified=truthful)
    except RuntimeFailure as error:
        return _cell(file, runtime, error=error.message)
    return _cell(file, runtime, right=not like.wrong, error=like.wrong)
