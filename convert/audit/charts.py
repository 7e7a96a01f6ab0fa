"""Charts as Vega-Lite, by Altair; drawn to SVG and PNG by vl-convert, without a browser.

Every colour is a role of `COLOURS`, so that a page can put its theme's own in its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convert.audit.rows import Cost, Row
from convert.audit.words import name, points, size, title_of
from convert.errors import ToolError
from convert.report import Report

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
_TARGETS = ("tflite", "tfjs", "onnx")
_SHAPES = {"float32": "circle", "float16": "square", "uint8": "triangle-up"}
_SCALE = 2
_WIDTH, _HEIGHT = 330, 220
_AXES = {"bytes": "size on disk", "brotli": "download, after brotli"}
_BYTES = "datum.value >= 1e6 ? format(datum.value / 1e6, '.3~g') + ' MB' : "
_BYTES += "format(datum.value / 1e3, '.3~g') + ' kB'"

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


def front_chart(report: Report, rows: Sequence[Row], axis: str, cost: Cost) -> Any:
    """Accuracy against one cost: the front as a line, what it dominates grey, gates as lines."""
    import altair as alt

    shown = [row for row in rows if row.value is not None and cost(row) is not None]
    values = [_point(row, axis, cost) for row in shown]
    base = alt.Chart(alt.Data(values=values))
    figure = title_of(rows[0].headline)
    x = alt.X("cost:Q", title=_axis_title(axis), axis=_axis(axis), scale=_log(values))
    y = alt.Y("value:Q", title=figure, scale=alt.Scale(zero=False, nice=True))
    colour = alt.Color("hue:N", scale=None)
    dim = alt.condition("datum.on", alt.value(0.9), alt.value(0.4))
    line = base.transform_filter("datum.on").mark_line(
        color=COLOURS["muted"], strokeDash=[4, 3], interpolate="step-after", strokeWidth=1
    )
    spread = base.mark_rule(strokeWidth=1.5).encode(
        x=x, y=alt.Y("low:Q", title=figure), y2="high:Q", color=colour, opacity=dim
    )
    late = base.transform_filter("isValid(datum.late)").mark_rule(strokeWidth=1.5)
    late = late.encode(x=x, x2="late:Q", y=y, color=colour, opacity=dim)
    marks = base.mark_point(size=80, strokeWidth=2).encode(
        x=x, y=y, color=colour, shape=alt.Shape("shape:N", scale=None), description="says:N",
        fill=alt.condition("datum.kept", alt.Color("hue:N", scale=None), alt.value("transparent")),
    )  # fmt: skip
    texts = base.transform_filter("datum.on").mark_text(
        align="left", dx=8, dy=-8, fontSize=10, color=COLOURS["ink"]
    )
    layers = [
        *_lines(report, rows, axis, cost, values),
        line.encode(x=x, y=y),
        spread,
        late,
        marks,
        texts.encode(x=x, y=y, text="variant:N"),
    ]
    return alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT)


def class_chart(report: Report, labels: Sequence[str]) -> Any | None:
    """The figure of each class as bars, of the reference and of every eight-bit file."""
    import altair as alt

    eight = [v for v in report.variants if v.scheme == "uint8" and v.per_class]
    who = {"reference": report.reference.per_class, **{name(v): v.per_class for v in eight}}
    values = [
        {"class": label, "who": one, "value": found[index], "says": f"{label}, {one}"}
        for one, found in who.items()
        for index, label in enumerate(labels)
        if index < len(found) and found[index] is not None
    ]
    if not values:
        return None
    hues = [COLOURS["reference"] if one == "reference" else COLOURS[_target(one)] for one in who]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            y=alt.Y("class:N", title=None, sort=list(labels), scale=alt.Scale(paddingInner=0.25)),
            yOffset=alt.YOffset("who:N", sort=list(who)),
            x=alt.X("value:Q", title="IoU", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color(
                "who:N",
                title=None,
                scale=alt.Scale(domain=list(who), range=hues),
                legend=alt.Legend(orient="top", columns=4),
            ),
            description="says:N",
        )
        .properties(width=560, height=alt.Step(7))
    )


def layer_chart(values: Values, target: str) -> Any:
    """Signal to quantization noise by layer, `layer`, `place` and `snr` (dB), in their order."""
    import altair as alt

    return (
        alt.Chart(alt.Data(values=values))
        .mark_bar(color=COLOURS[target])
        .encode(
            x=alt.X("place:O", title="layer, from the picture on", axis=alt.Axis(labels=False)),
            y=alt.Y("snr:Q", title="signal to noise, dB"),
            description="says:N",
        )
        .properties(width=alt.Step(9), height=150)
    )


def roofline_chart(roof: Mapping[str, tuple[float, float]], values: Values) -> Any:
    """Multiply-adds per second against multiply-adds per byte, below the measured roofs.

    `roof`: name -> peak (10^9 multiply-adds/s) and bandwidth (10^9 bytes/s). `values` have
    `variant`, `intensity` (multiply-adds per byte), `rate` (10^9/s) and `hue`.
    """
    import altair as alt

    low = min([1.0, *(one["intensity"] / 2 for one in values)])
    high = max([200.0, *(one["intensity"] * 2 for one in values)])
    steps = [low * (high / low) ** (step / 40) for step in range(41)]
    roofs = [
        {"x": at, "y": min(peak, at * bandwidth), "roof": each}
        for each, (peak, bandwidth) in roof.items()
        for at in steps
    ]
    x = alt.X("x:Q", title="multiply-adds per byte moved", scale=alt.Scale(type="log"))
    y = alt.Y("y:Q", title="10⁹ multiply-adds a second", scale=alt.Scale(type="log"))
    lines = alt.Chart(alt.Data(values=roofs)).mark_line(color=COLOURS["muted"], strokeWidth=1.5)
    ends = [one for one in roofs if one["x"] == steps[-1]]
    named = alt.Chart(alt.Data(values=ends)).mark_text(align="right", dy=-7, fontSize=10)
    dots = alt.Chart(alt.Data(values=[{**v, "x": v["intensity"], "y": v["rate"]} for v in values]))
    colour = alt.Color("hue:N", scale=None)
    return alt.layer(
        lines.encode(x=x, y=y, detail="roof:N"),
        named.encode(x=x, y=y, text="roof:N", color=alt.value(COLOURS["muted"])),
        dots.mark_point(size=80, filled=True).encode(x=x, y=y, color=colour, description="says:N"),
        dots.mark_text(align="left", dx=8, fontSize=10, color=COLOURS["ink"]).encode(
            x=x, y=y, text="variant:N"
        ),
    ).properties(width=_WIDTH, height=_HEIGHT)


def _point(row: Row, axis: str, cost: Cost) -> dict[str, Any]:
    low, high = row.interval or (row.value, row.value)
    on, own = axis in row.fronts, row.metrics[row.headline]
    time = row.times.get(axis.removeprefix("ms "))
    spent = cost(row) or 0
    said = f"{spent:.2f} ms" if time else size(spent)
    return {
        "variant": row.variant,
        "cost": spent,
        "late": time.p90_ms if time else None,
        "value": row.value,
        "low": low,
        "high": high,
        "on": on,
        "kept": row.outcome == "published",
        "hue": COLOURS[row.target] if on else COLOURS["greyed"],
        "shape": _SHAPES.get(row.scheme, "diamond"),
        "says": f"{row.variant} ({row.outcome}): {row.headline} {own.value:.4f}, "
        f"drop {points(own.drop or 0)} points, {said}",
    }


def _lines(
    report: Report, rows: Sequence[Row], axis: str, cost: Cost, values: Values
) -> Iterable[Any]:
    """The reference, and the gates that bound this chart's two figures."""
    import altair as alt

    base = report.reference.metrics[rows[0].headline]
    least = min([base, *(one["cost"] for one in values)]) if not values else values[0]["cost"]
    least = min([one["cost"] for one in values], default=least)
    gates = {(g.gate, g.bound) for v in report.variants for g in v.gates}
    drops = sorted(bound for gate, bound in gates if gate.endswith("_drop"))
    floors = [("float reference", base, "reference")] + [
        (f"gate: drop {points(bound)}", base - bound, "gate") for bound in drops
    ]
    data = [{"text": text, "y": at, "x": least, "hue": COLOURS[role]} for text, at, role in floors]
    chart = alt.Chart(alt.Data(values=data))
    colour = alt.Color("hue:N", scale=None)
    yield chart.mark_rule(strokeDash=[2, 2]).encode(y="y:Q", color=colour)
    yield chart.mark_text(align="left", baseline="bottom", dy=-2, fontSize=9).encode(
        x=alt.X("x:Q"), y="y:Q", text="text:N", color=colour
    )
    limits = [bound for gate, bound in gates if gate == axis]
    float32 = {row.target: cost(row) for row in rows if row.scheme == "float32" and cost(row)}
    if axis.startswith("ms "):
        ratios = [bound for gate, bound in gates if gate == "latency_ratio"]
        limits = [bound * (time or 0) for bound in ratios for time in float32.values()]
    bound_data = alt.Chart(alt.Data(values=[{"x": limit} for limit in limits]))
    if limits:
        yield bound_data.mark_rule(color=COLOURS["gate"], strokeDash=[2, 2]).encode(x="x:Q")
    if axis == "bytes":
        source = {"x": report.source.bytes, "y": base, "says": "the source's file"}
        yield (
            alt.Chart(alt.Data(values=[source]))
            .mark_point(shape="diamond", size=90, filled=True, color=COLOURS["reference"])
            .encode(x="x:Q", y="y:Q", description="says:N")
        )


def _axis(axis: str) -> Any:
    import altair as alt

    return alt.Axis(tickCount=5, **({"labelExpr": _BYTES} if axis in _AXES else {}))


def _axis_title(axis: str) -> str:
    return _AXES.get(axis) or f"ms on {axis.removeprefix('ms ')}, 1 thread: fastest to 90 %"


def _log(values: Values) -> Any:
    import altair as alt

    least = min((one["cost"] for one in values), default=1)
    most = max((one["late"] or one["cost"] for one in values), default=10)
    return alt.Scale(type="log", domain=[least / 1.15, most * 1.35], nice=False)


def _target(variant: str) -> str:
    return variant.partition("-")[0]


def _styled(chart: Any) -> Any:
    ink, muted, grid = COLOURS["ink"], COLOURS["muted"], COLOURS["grid"]
    axis = {"labelColor": muted, "titleColor": ink, "gridColor": grid, "domainColor": grid}
    return chart.configure(
        background=COLOURS["paper"],
        font="system-ui, sans-serif",
        axis={**axis, "tickColor": grid, "titleFontWeight": "normal"},
        legend={"labelColor": ink, "titleColor": ink},
        view={"stroke": None},
        text={"color": ink},
    )
