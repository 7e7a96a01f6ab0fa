"""The arguments and options that several commands share, and what their words mean."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from convert.errors import UsageError

if TYPE_CHECKING:
    from convert.runtimes import BrowserRuntime
    from convert.vocabulary import Scheme, Target

Word = TypeVar("Word", bound=str)

RecipeName = Annotated[
    str,
    typer.Argument(
        help="A recipe: its name, or the path of its .toml file.",
        metavar="NAME",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout; all else on stderr.")
]
DatasetDir = Annotated[
    Path | None,
    typer.Option("--dataset", help="The dataset's folder, or one that holds it.", metavar="DIR"),
]
Calibration = Annotated[
    str | None,
    typer.Option(
        help="Decide eight bits on the pictures of this folder, or on `none`.",
        metavar="DIR|none",
    ),
]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Measure on the first N pictures only.", metavar="N")
]
Mirror = Annotated[
    str | None,
    typer.Option(
        help="A folder or URL that holds files at `<host>/<path>`; default CONVERT_MIRROR.",
        metavar="DIR|URL",
    ),
]
FromFile = Annotated[
    Path | None,
    typer.Option("--from", help="Take the download from this file; no network.", metavar="FILE"),
]
FromPlace = Annotated[
    str | None,
    typer.Option(
        "--from", help="Take it from this file, or from the bundle at URL.", metavar="FILE|URL"
    ),
]
AcceptLicense = Annotated[
    list[str] | None,
    typer.Option("--accept-license", help="Accept a restricted license by its id.", metavar="ID"),
]

Browser = Annotated[
    str | None,
    typer.Option(
        help="The Chromium that web runtimes run in; default: on PATH.", metavar="PROGRAM"
    ),
]


def use_browser(program: str | None) -> None:
    """Let every thread and process of this run find the browser that was named."""
    if program:
        os.environ["CONVERT_BROWSER"] = program


def runtimes(text: str | None) -> "tuple[BrowserRuntime, ...]":
    """Comma-separated runtimes of the browser, and words for several; () where none is given."""
    from convert.runtimes import browser_runtimes

    return browser_runtimes(tuple(word.strip() for word in (text or "").split(",") if word.strip()))


def targets(text: str | None) -> "tuple[Target, ...] | None":
    """Comma-separated targets; None where nothing was given."""
    from convert.vocabulary import TARGETS

    return _words(text, TARGETS, "--targets")


def schemes(text: str | None) -> "tuple[Scheme, ...] | None":
    """Comma-separated schemes; None where nothing was given."""
    from convert.vocabulary import SCHEMES

    return _words(text, SCHEMES, "--schemes")


def _words(text: str | None, known: tuple[Word, ...], option: str) -> tuple[Word, ...] | None:
    if text is None:
        return None
    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in asked if word not in known]
    if unknown or not asked:
        named = f"{', '.join(map(repr, unknown))} is not known" if unknown else "nothing is named"
        raise UsageError(f"{option}: {named}", hint=f"Choose from {','.join(known)}.")
    return tuple(word for word in known if word in asked)
