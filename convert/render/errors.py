"""Errors as people read them: what happened, and the next move."""

from rich.text import Text

from convert.errors import ConvertError
from convert.render.console import err


def show_error(error: ConvertError) -> None:
    """On stderr; nothing in the message is taken for markup."""
    err().print(Text("error: ", style="bold red") + Text(error.message), soft_wrap=True)
    if error.hint:
        err().print(Text("next: ", style="bold") + Text(error.hint), soft_wrap=True)


def show_interrupted() -> None:
    """On stderr."""
    err().print("interrupted: nothing is half done; the same command goes on from here")
