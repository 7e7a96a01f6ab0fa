"""Errors as people read them, what happened and the next move; and as programs do."""

from typing import TypedDict

from rich.text import Text

from convert.errors import INTERRUPTED, ConvertError
from convert.render.console import err, print_json

_RESUMED = "nothing is half done; the same command goes on from here"


class Failure(TypedDict):
    """An error in JSON."""

    error: str
    hint: str | None
    exit_code: int


def show_error(error: ConvertError, as_json: bool = False) -> None:
    """On stderr, where nothing in the message is taken for markup; as JSON on stdout too."""
    err().print(Text("error: ", style="bold red") + Text(error.message), soft_wrap=True)
    if error.hint:
        err().print(Text("next: ", style="bold") + Text(error.hint), soft_wrap=True)
    if as_json:
        print_json(failure(error))


def show_interrupted(as_json: bool = False) -> None:
    """On stderr, and as JSON on stdout too."""
    err().print(f"interrupted: {_RESUMED}", soft_wrap=True)
    if as_json:
        print_json(Failure(error="interrupted", hint=_RESUMED, exit_code=INTERRUPTED))


def failure(error: ConvertError) -> Failure:
    """An error as data."""
    return Failure(error=error.message, hint=error.hint, exit_code=error.exit_code)
