"""The command that looks after what the browser runtimes load: web."""

from enum import StrEnum
from typing import Annotated

import typer

from convert.cli.app import command
from convert.cli.options import AsJson


class Action(StrEnum):
    """What is done with the packages."""

    setup = "setup"
    status = "status"


@command("web", "Install what web runtimes load: setup, status.")
def web(
    action: Annotated[Action, typer.Argument(help="setup or status.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Install again what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Install the JavaScript packages of the web runtimes, or say what is there.

    setup runs `npm ci --ignore-scripts` with the lockfile that comes with convert, and keeps the
    files that pages load in the user's cache folder. A browser is never downloaded.
    """
    from convert.render.live import live_progress
    from convert.render.web import show_installed
    from convert.web import packages

    if action == "status":
        show_installed(packages.installed(), as_json)
        return
    with live_progress("web setup") as progress:
        found = packages.setup(progress, force=force)
    show_installed(found, as_json)
