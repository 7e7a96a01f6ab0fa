"""The options that several commands share, and what their words mean."""

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from convert.errors import UsageError
from convert.vocabulary import SCHEMES, TARGETS, Scheme, Target

Word = TypeVar("Word", bound=str)

AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout; all else on stderr.")
]
DatasetDir = Annotated[
    Path | None,
    typer.Option("--dataset", help="The dataset's folder, or one that holds it.", metavar="DIR"),
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
    Path | None, typer.Option("--from", help="Take the file itself from here.", metavar="FILE")
]
AcceptLicense = Annotated[
    list[str] | None,
    typer.Option("--accept-license", help="Accept a restricted license by its id.", metavar="ID"),
]


def targets(text: str | None) -> tuple[Target, ...] | None:
    """Comma-separated targets; None where nothing was given."""
    return _words(text, TARGETS, "--targets")


def schemes(text: str | None) -> tuple[Scheme, ...] | None:
    """Comma-separated schemes; None where nothing was given."""
    return _words(text, SCHEMES, "--schemes")


def _words(text: str | None, known: tuple[Word, ...], option: str) -> tuple[Word, ...] | None:
    if text is None:
        return None
    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in asked if word not in known]
    if unknown or not asked:
        raise UsageError(
            f"{option}: {', '.join(unknown) or 'nothing'!r} is not known",
            hint=f"Choose from {','.join(known)}.",
        )
    return tuple(word for word in known if word in asked)
