"""The articles' tables, measured: every published file of a model, on every runtime, in turns."""

from convert import __version__
from convert.articles.found import Row, Suite
from convert.articles.table import COLUMNS, LINES, Column
from convert.errors import ToolError, UsageError
from convert.machine import machine
from convert.memo import Memo
from convert.pipeline.settings import Settings
from convert.pipeline.suite.files import absent, folders
from convert.pipeline.suite.row import Measuring, row
from convert.progress import Progress
from convert.runtimes import named, require_here

__all__ = ["articles"]


def articles(
    settings: Settings, *, runs: int, seconds: float, force: bool, progress: Progress
) -> Suite:
    """Measure every row whose files are published here, a row after the other.

    A finished row is kept: a suite that was broken off goes on with the next one, and one whose
    files, runtimes and machine are the same measures nothing again, unless `force`. A page takes
    no more runs after `seconds`, and half as long to warm up. Raises UsageError where nothing is
    published.
    """
    lines = [line for line in LINES if folders(line, settings.out)]
    if not lines:
        raise UsageError(
            f"nothing that the articles measure is published in {settings.out}",
            hint=f"`{LINES[0].command}` makes the first row's files.",
        )
    lacking = {column.runtime: reason for column in COLUMNS if (reason := _lacks(column))}
    measuring = Measuring(
        settings=settings,
        memo=Memo(settings.work / "articles", force=force),
        columns=tuple(column for column in COLUMNS if column.runtime not in lacking),
        runs=runs,
        seconds=seconds,
        progress=progress,
    )
    rows: list[Row] = []
    for line in lines:
        progress.say(f"{line.title}: row {len(rows) + 1} of {len(lines)}")
        rows.append(row(line, measuring))
    return Suite(
        convert_version=__version__,
        machine=machine(),
        runtimes=measuring.versions,
        lacking=lacking,
        runs=runs,
        seconds=seconds,
        rows=tuple(rows),
        absent=tuple(one for line in LINES if (one := absent(line, settings.out))),
    )


def _lacks(column: Column) -> str | None:
    """Why a runtime cannot be measured here."""
    try:
        require_here(named(column.runtime))
    except ToolError as error:
        return error.message
    return None
