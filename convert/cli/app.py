"""The Typer application, and the one error boundary around every command."""

import errno
import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec

import typer
from typer.core import TyperGroup

from convert.errors import INTERRUPTED, ConvertError, UsageError

P = ParamSpec("P")

GATE_MISSED = 1
_READER_GONE = 141
"""What a shell reports of a program that wrote to a pipe nobody reads."""
_OF_THE_DISK = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR}

_BY_PURPOSE = {
    "The road": ("run", "list", "show", "pull"),
    "A model of your own": ("inspect", "new"),
    "What was published": ("audit", "why", "diff", "verify", "bench"),
    "Handing it on": ("check", "publish", "keys"),
    "For apps": ("kit", "serve"),
    "Eight bits": ("calibrate", "sensitivity"),
    "This machine": ("doctor", "web"),
}

_HELP = """\b
Take a vision model from where its authors left it to files that an app can
use, and prove that they are right.

\b
  convert run deeplab-shapes    the embedded model, down the whole road, offline
  convert list                  every recipe, and what is here of it
  convert new FILE              a recipe for a model of your own

\b
All that is made lies in models/ of the working folder:
  models/raw    pulled files
  models/work   what a second run need not do again
  models/out    published files, each with its manifest and card
"""

_EPILOG = """\b
Settings, from the environment:
  CONVERT_HOME             the folder that models/ lies in
  CONVERT_MIRROR           a folder or URL that holds files at <host>/<path>
  CONVERT_DATASETS         a folder that holds datasets such as VOC2012
  CONVERT_RECIPES          more folders of recipes
  CONVERT_ACCEPT_LICENSES  ids of restricted licenses, or all
  CONVERT_BROWSER          the Chromium that web runtimes run in

\b
Exit codes: 0 good, 1 a gate was missed, 2 usage or recipe, 3 source, 4 unsupported,
5 outside tool, 6 runtime, 130 interrupted.
"""


class _Purposes(TyperGroup):
    """Lists the commands by what they are for, not by the module they stand in."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the help."""
        return [name for names in _BY_PURPOSE.values() for name in names]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A section for each purpose."""
        longest = max(map(len, self.list_commands(ctx)))
        for title, names in _BY_PURPOSE.items():
            rows = [(name, self.commands[name].get_short_help_str(66)) for name in names]
            with formatter.section(title):
                # Each section would align its texts by its own longest name.
                formatter.write_dl([(f"{name:<{longest}}", text) for name, text in rows])


# Without a markup mode typer writes plain text: it needs no rich, and takes nothing in <> for
# markup.
app = typer.Typer(
    name="convert",
    cls=_Purposes,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_HELP,
    epilog=_EPILOG,
)


def command(name: str, short: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a command whose errors are shown and end the process with their exit code."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def bounded(*args: P.args, **kwargs: P.kwargs) -> None:
            as_json = bool(kwargs.get("as_json"))
            try:
                function(*args, **kwargs)
                sys.stdout.flush()
            except BrokenPipeError:
                _leave_reader()
            except OSError as error:
                _fail(_placed(error), as_json)
            except ConvertError as error:
                _fail(error, as_json)
            except KeyboardInterrupt:
                _interrupted(as_json)

        app.command(name, short_help=short)(bounded)
        return bounded

    return register


def _fail(error: ConvertError, as_json: bool) -> None:
    from convert.render.errors import show_error

    show_error(error, as_json)
    raise typer.Exit(error.exit_code) from None


def _placed(error: OSError) -> ConvertError:
    """A disk that is full or may not be written to; anything else is a bug, and stays one."""
    if error.errno not in _OF_THE_DISK:
        raise error
    return UsageError(
        f"{error.filename or 'writing a file'}: {error.strerror}",
        hint="CONVERT_HOME names another folder for models/.",
    )


def _interrupted(as_json: bool) -> None:
    from convert.render.errors import show_interrupted

    show_interrupted(as_json)
    raise typer.Exit(INTERRUPTED) from None


def _leave_reader() -> None:
    """End without a word: who read our stdout, such as `head`, has seen enough."""
    # Python flushes stdout once more when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(_READER_GONE) from None


@app.callback(invoke_without_command=True)
def _every_command(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        from convert import __version__

        typer.echo(f"convert {__version__}")
        raise typer.Exit
