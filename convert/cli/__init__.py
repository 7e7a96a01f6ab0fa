"""The command line: parse, call, render."""

from convert.cli import bring, look, measure, road
from convert.cli.app import app

__all__ = ["app", "bring", "look", "main", "measure", "road"]


def main() -> None:
    """The console script."""
    app()
