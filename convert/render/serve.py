"""Where the apps are served."""

from convert.render.console import out, print_json
from convert.stages.serve import Served
from convert.vocabulary import Record


class _ServedFacts(Record):
    """`convert serve --json`."""

    address: str
    published: tuple[str, ...]
    left_out: dict[str, str]
    unreadable: dict[str, str]


def show_served(served: Served, as_json: bool) -> None:
    """The address, at once: the command goes on."""
    if as_json:
        facts = _ServedFacts(
            address=served.address,
            published=served.published,
            left_out=dict(served.left_out),
            unreadable=dict(served.unreadable),
        )
        print_json(facts)
    else:
        lines = [
            f"{served.address}\n  {len(served.published)} published files, on this machine alone; "
            "Ctrl-C ends it"
        ]
        lines += [f"  left out: {place}: {why}" for place, why in served.left_out.items()]
        lines += [f"  cannot be read: {place}: {why}" for place, why in served.unreadable.items()]
        out().print("\n".join(lines), soft_wrap=True, markup=False)
    out().file.flush()
