"""How charts are drawn: Vega-Lite by Altair, to SVG and PNG by vl-convert, without a browser.

Every colour is a role of `COLOURS`, so that a page can put its theme's own in its place.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from convert.errors import ToolError

COLOURS: Mapping[str, str] = {
    "paper": "#fffffe",
    "ink": "#1c2129",
    "muted": "#67707b",
    "grid": "#e4e7eb",
    "greyed": "#b3bac2",
    "gate": "#b3261e",
    "reference": "#7a4fc9",
    "tflite": "#0072b2",
    "tfjs": "#d55e00",
    "onnx": "#008f68",
}
"""Okabe and Ito's palette for the targets: told apart by everybody, and on both themes."""
WIDTH, HEIGHT = 385, 235
"""Of a chart's inner part, in pixels."""
_SCALE = 2

Values = list[dict[str, Any]]


def missing() -> str | None:
    """Why no chart can be drawn here, or None."""
    from importlib.util import find_spec

    lacking = [name for name in ("altair", "vl_convert") if find_spec(name) is None]
    if not lacking:
        return None
    return f"{', '.join(lacking)} is not installed: pip install 'convert-vision[audit]'"


def require_charts() -> None:
    """Raise ToolError where no chart can be drawn here."""
    reason = missing()
    if reason:
        raise ToolError(f"charts: {reason}", hint="--csv and --markdown need no charts.")


def svg(chart: Any) -> str:
    """The chart as one SVG element, with its letters as text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_styled(chart).to_dict()))


def png(chart: Any) -> bytes:
    """The chart as a PNG, twice as fine as the SVG's pixels."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(_styled(chart).to_dict(), scale=_SCALE))


def labels(values: Values, x: Any, y: Any) -> Iterable[Any]:
    """A layer for each of the places that labels are given beside their marks."""
    import altair as alt

    for dy, align in sorted({(one["dy"], one["align"]) for one in values}):
        own = [one for one in values if (one["dy"], one["align"]) == (dy, align)]
        yield (
            alt.Chart(alt.Data(values=own))
            .mark_text(
                align=align,
                dx=8 if align == "left" else -8,
                dy=dy,
                baseline="middle",
                fontSize=10,
                color=COLOURS["ink"],
            )
            .encode(x=x, y=y, text="label:N")
        )


def _styled(chart: Any) -> Any:
    ink, muted, grid = COLOURS["ink"], COLOURS["muted"], COLOURS["grid"]
    axis = {"labelColor": muted, "titleColor": ink, "gridColor": grid, "domainColor": grid}
    return chart.configure(
        background=COLOURS["paper"],
        font="system-ui, sans-serif",
        axis={**axis, "tickColor": grid, "titleFontWeight": "normal"},
        legend={"labelColor": ink, "titleColor": ink},
        view={"stroke": None},
        # What measures the letters here may know another font than what shows them.
        padding={"left": 5, "top": 8, "right": 24, "bottom": 5},
        text={"color": ink},
    )
