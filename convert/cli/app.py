"""The Typer application, and the one error boundary around every command."""

import functools
from collections.abc import Callable
from typing import Annotated, ParamSpec

import typer

from convert.errors import INTERRUPTED, ConvertError

P = ParamSpec("P")

app = typer.Typer(
    name="convert",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Take a vision model from where its authors left it to files that an app can use,
    and prove that they are right.

    `convert run deeplab-shapes` takes the embedded model down the whole road, offline.
    `convert list` shows the recipes; `convert new FILE` writes one for a model of your own.

    Settings: CONVERT_MIRROR (a folder or URL of files at `<host>/<path>`), CONVERT_HOME (where
    models/ lies), CONVERT_RECIPES (more recipe folders), CONVERT_DATASETS (a folder of
    datasets), CONVERT_ACCEPT_LICENSES (ids, or all).

    Exit codes: 0 good, 1 a gate was missed, 2 usage or recipe, 3 source, 4 unsupported,
    5 outside tool, 6 runtime, 130 interrupted.
    """,
)

GATE_MISSED = 1


def command(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a command whose errors are shown and end the process with their exit code."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def bounded(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except ConvertError as error:
                from convert.render.errors import show_error

                show_error(error)
                raise typer.Exit(error.exit_code) from None
            except KeyboardInterrupt:
                from convert.render.errors import show_interrupted

                show_interrupted()
                raise typer.Exit(INTERRUPTED) from None

        app.command(name)(bounded)
        return bounded

    return register


@app.callback(invoke_without_command=True)
def _every_command(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        from convert import __version__
        from convert.render.console import out

        out().print(f"convert {__version__}")
        raise typer.Exit
