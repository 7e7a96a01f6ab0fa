"""The articles' tables, measured: every published file of a model, on every runtime, in turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from convert import __version__
from convert.articles.found import Absent, Cell, Row, Suite, Writer
from convert.articles.table import COLUMNS, CONVERTER_ON, LINES, SCHEMES, Column, Line
from convert.errors import ConvertError, RuntimeFailure, ToolError, UsageError
from convert.machine import cores, machine
from convert.manifest import NAME, Manifest, read_manifest
from convert.memo import Memo, code_digest
from convert.metrics import METRICS
from convert.pipeline.converter import converters_file
from convert.pipeline.settings import Settings
from convert.pipeline.work import read_record, write_record
from convert.progress import Progress
from convert.runtimes import BROWSER_RUNTIMES, named, require_here
from convert.signature import Signature
from convert.stages.bench import BenchJob, Outcome, bench
from convert.stages.golden import replay
from convert.store import digest
from convert.vocabulary import Scheme, Target
from convert.web.features import features

_ROW = "row.json"
_TARGETS: tuple[Target, ...] = ("tflite", "tfjs", "onnx")


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file that is measured, and on which runtimes."""

    path: Path
    sha256: str
    scheme: Scheme
    writer: Writer
    signature: Signature
    bytes: int
    runtimes: tuple[str, ...]
    published: tuple[Path, Manifest] | None = None
    """Its folder, with the golden tensors."""


def articles(
    settings: Settings, *, runs: int, seconds: float, force: bool, progress: Progress
) -> Suite:
    """Measure every row whose files are published here, a row after the other.

    A finished row is kept: a suite that was broken off goes on with the next one, and one whose
    files, runtimes and machine are the same measures nothing again, unless `force`. A page takes
    no more runs after `seconds`, and half as long to warm up. Raises UsageError where nothing is
    published.
    """
    lacking = {column.runtime: reason for column in COLUMNS if (reason := _lacks(column.runtime))}
    usable = tuple(column for column in COLUMNS if column.runtime not in lacking)
    absent = tuple(one for line in LINES if (one := _absent(line, settings.out)))
    lines = [line for line in LINES if _folders(line, settings.out)]
    if not lines or not usable:
        raise UsageError(
            f"nothing that the articles measure is published in {settings.out}"
            if usable
            else "no runtime can be measured here",
            hint=f"`{LINES[0].command}` makes the first row's files; --suite tells them all.",
        )
    memo = Memo(settings.work / "articles", force=force)
    rows: list[Row] = []
    for line in lines:
        progress.say(f"{line.title}: row {len(rows) + 1} of {len(lines)}")
        rows.append(_row(line, usable, settings, memo, runs, seconds, progress))
    return Suite(
        convert_version=__version__,
        machine=machine(),
        runtimes={column.runtime: named(column.runtime).version() for column in usable},
        lacking=lacking,
        runs=runs,
        seconds=seconds,
        rows=tuple(rows),
        absent=absent,
    )


def _lacks(runtime: str) -> str | None:
    """Why a runtime cannot be measured here."""
    try:
        require_here(named(runtime))
    except ToolError as error:
        return error.message
    return None


def _folders(line: Line, out: Path) -> list[Path]:
    """Its published variants, of those that are measured."""
    every = [out / line.recipe / f"{target}-{scheme}" for target in _TARGETS for scheme in SCHEMES]
    return [folder for folder in every if (folder / NAME).is_file()]


def _absent(line: Line, out: Path) -> Absent | None:
    """What it lacks; tfjs is measured in float32 alone."""
    wanted = {f"{column}-{scheme}" for column in _TARGETS for scheme in SCHEMES} - {"tfjs-uint8"}
    lacks = wanted - {folder.name for folder in _folders(line, out)}
    if not lacks:
        return None
    return Absent(title=line.title, variants=tuple(sorted(lacks)), command=line.command)


def _row(
    line: Line,
    columns: Sequence[Column],
    settings: Settings,
    memo: Memo,
    runs: int,
    seconds: float,
    progress: Progress,
) -> Row:
    """One model, unless these very files were measured here before."""
    files = [_file(folder, columns) for folder in _folders(line, settings.out)]
    cells: list[Cell] = []
    if line.converter and any(column.runtime == CONVERTER_ON for column in columns):
        files, cells = _with_converters(files, settings, memo, progress)
    parts = {
        "files": [(file.sha256, file.scheme, file.writer, file.runtimes) for file in files],
        "runtimes": {column.runtime: named(column.runtime).version() for column in columns},
        "machine": machine().model_dump(),
        "limits": (runs, seconds),
        "code": code_digest("runtimes", "stages/bench", "web", "pipeline/articles.py"),
    }

    def make(folder: Path) -> None:
        found = [*_measured(files, runs, seconds, progress), *cells]
        write_record(folder, _ROW, Row(title=line.title, recipe=line.recipe, cells=tuple(found)))

    return read_record(memo.once(line.recipe, parts, make), _ROW, Row)


def _file(folder: Path, columns: Sequence[Column]) -> _File:
    manifest = read_manifest(folder)
    model = manifest.artifact
    fitting = (c for c in columns if model.target == named(c.runtime).TARGET)
    return _File(
        path=folder / model.path,
        sha256=model.sha256,
        scheme=model.scheme,
        writer="ours",
        signature=model.signature,
        bytes=model.bytes,
        runtimes=tuple(column.runtime for column in fitting if model.scheme in column.schemes),
        published=(folder, manifest),
    )


def _with_converters(
    files: Sequence[_File], settings: Settings, memo: Memo, progress: Progress
) -> tuple[list[_File], list[Cell]]:
    """The files with tensorflowjs_converter's, or with a cell that says why there is none."""
    ours = next((file for file in files if CONVERTER_ON in file.runtimes), None)
    if ours is None or ours.published is None:
        return list(files), []
    try:
        path, signature = converters_file(ours.published[1].recipe, settings, memo, progress)
    except ConvertError as error:
        lost = Cell(runtime=CONVERTER_ON, scheme="float32", writer="converter", error=error.message)
        return list(files), [lost]
    theirs = _File(
        path=path,
        sha256=digest(path),
        scheme="float32",
        writer="converter",
        signature=signature,
        bytes=sum(one.stat().st_size for one in path.rglob("*") if one.is_file()),
        runtimes=(CONVERTER_ON,),
    )
    return [*files, theirs], []


def _measured(files: Sequence[_File], runs: int, seconds: float, progress: Progress) -> list[Cell]:
    """A cell for each file on each runtime."""
    pairs = [(file, runtime) for file in files for runtime in file.runtimes]
    timed = {_key(*pair): pair for pair in pairs if not _drawn(pair[1])}
    jobs = [_job(key, *pair, seconds) for key, pair in timed.items()]
    # All files in the browser take turns; for scale, native runtimes get one thread.
    found = {
        **bench([job for job in jobs if job.in_browser], runs=runs, progress=progress),
        **bench(
            [job for job in jobs if not job.in_browser], threads=(1,), runs=runs, progress=progress
        ),
    }
    cells = [_timed(*timed[key], outcome) for (key, _), outcome in found.items()]
    drawn = [_checked(*pair) for pair in pairs if _drawn(pair[1])]
    return [*cells, *drawn]


def _drawn(runtime: str) -> bool:
    """Whether its GPU is drawn by the CPU: its times would say nothing."""
    page = BROWSER_RUNTIMES.get(runtime)
    return page is not None and page.gpu and features().software_gpu


def _key(file: _File, runtime: str) -> str:
    return f"{file.writer}-{file.scheme}@{runtime}"


def _job(key: str, file: _File, runtime: str, seconds: float) -> BenchJob:
    return BenchJob(
        key=key,
        runtime=runtime,
        scheme=file.scheme,
        path=file.path,
        signature=file.signature,
        seconds=seconds,
    )


def _cell(file: _File, runtime: str) -> Cell:
    return Cell(runtime=runtime, scheme=file.scheme, writer=file.writer, bytes=file.bytes)


def _timed(file: _File, runtime: str, outcome: Outcome) -> Cell:
    found: dict[str, object] = (
        {"error": outcome.message} if isinstance(outcome, RuntimeFailure) else {"latency": outcome}
    )
    return _cell(file, runtime).model_copy(update=found)


def _checked(file: _File, runtime: str) -> Cell:
    """Whether the golden answer comes out of a runtime that is not timed."""
    assert file.published
    folder, manifest = file.published
    truthful = METRICS[manifest.recipe.metric].AGAINST == "truth"
    (spec,) = file.signature.inputs
    try:
        with BROWSER_RUNTIMES[runtime].open_session(file.path, file.signature, cores()) as session:
            like = replay(session, spec.name, folder, manifest.golden, classified=truthful)
    except RuntimeFailure as error:
        return _cell(file, runtime).model_copy(update={"error": error.message})
    return _cell(file, runtime).model_copy(update={"right": not like.wrong, "error": like.wrong})
