"""The pages' templates: HTML, in which everything that is put in is escaped."""

from typing import Any


def template(name: str) -> Any:
    """A template of `convert/templates/`; a name that it misses is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("convert"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template(name)
