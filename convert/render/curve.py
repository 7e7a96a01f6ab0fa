"""Agreement against the number of calibration pictures."""

from rich.markup import escape

from convert.pipeline.curve import Curve
from convert.render.console import out, print_json, show, table

_BAR = 40
"""Characters for the distance between the worst and the best point."""


def show_curve(found: Curve, as_json: bool) -> None:
    """A line for each number of pictures."""
    if as_json:
        print_json(found)
        return
    out().print(
        f"{found.recipe}: agreement with float on {found.held_out} pictures of "
        f"{escape(found.calibration.of)} that were held out\n",
        soft_wrap=True,
    )
    shares = [point.agreement for point in found.points]
    span = max(max(shares) - min(shares), 1e-4)
    made = table("pictures", "agreement", "seconds", "", right=("pictures", "agreement", "seconds"))
    for point in found.points:
        bar = "█" * (1 + round((point.agreement - min(shares)) / span * (_BAR - 1)))
        made.add_row(
            str(point.images), f"{100 * point.agreement:.2f} %", f"{point.seconds:.0f}", bar
        )
    show(made)
