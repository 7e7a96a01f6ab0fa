"""Charts as Vega-Lite, by Altair; drawn to SVG and PNG by vl-convert, without a browser.

Every colour is a role of `COLOURS`, so that a page can put its theme's own in its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convert.audit.placing import placed
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
_WIDTH, _HEIGHT = 405, 235
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
    """Accuracy against one cost: the front as a line, what it dominates grey, gates as lines.

    What lies far below every gate is set on the chart's lower edge, and its label says where it is.
    """
    import altair as alt

    shown = [row for row in rows if row.value is not None and cost(row) is not None]
    low, high = _span(report, shown)
    values = [_point(row, axis, cost, low) for row in shown]
    costs = _costs(values)
    values.sort(key=lambda one: one["on"])
    figure = title_of(rows[0].headline)
    across = alt.Scale(type="log", domain=list(costs), nice=False)
    up = alt.Scale(domain=[low, high], nice=False, zero=False)
    x = alt.X("cost:Q", title=_axis_title(axis), axis=_axis(axis), scale=across)
    y = alt.Y("value:Q", title=figure, scale=up)
    base = alt.Chart(alt.Data(values=values))
    colour = alt.Color("hue:N", scale=None)
    dim = alt.condition("datum.on", alt.value(0.9), alt.value(0.45))
    line = base.transform_filter("datum.on").mark_line(
        color=COLOURS["muted"], strokeDash=[4, 3], interpolate="step-after", strokeWidth=1
    )
    spread = base.mark_rule(strokeWidth=1.5, clip=True).encode(
        x=x, y=alt.Y("low:Q", title=figure, scale=up), y2="high:Q", color=colour, opacity=dim
    )
    late = base.transform_filter("isValid(datum.late)").mark_rule(strokeWidth=1.5, clip=True)
    marks = base.mark_point(size=80, strokeWidth=2).encode(
        x=x,
        y=y,
        color=colour,
        shape=alt.Shape("shape:N", scale=None),
        description="says:N",
        fill=alt.condition("datum.kept", alt.Color("hue:N", scale=None), alt.value("transparent")),
    )
    named = [one for one in values if one["on"] or one["below"]]
    keys = ("cost", "value")
    # Every layer has these very scales: Vega-Lite would widen a domain by what another one shows.
    size = (_WIDTH, _HEIGHT)
    at = placed(named, keys=keys, ranges=(costs, (low, high)), size=size, logs=(True, False))
    layers = [
        *_lines(report, rows, axis, cost, (across, up)),
        line.encode(x=x, y=y),
        spread,
        late.encode(x=x, x2="late:Q", y=y, color=colour, opacity=dim),
        marks,
        *_labels(list(at), x, y),
    ]
    return alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT)


def _labels(values: Values, x: Any, y: Any) -> Iterable[Any]:
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


def _span(report: Report, rows: Sequence[Row]) -> tuple[float, float]:
    """The accuracy that is shown, from below the lowest gate and published file to the top."""
    base = report.reference.metrics[rows[0].headline]
    drops = [0.0, *(gate.bound for v in report.variants for gate in v.gates if _is_drop(gate.gate))]
    kept = [row.value or 0 for row in rows if row.outcome == "published"]
    least = min([base - max(drops), *kept])
    ends = [end for row in rows for end in row.interval or (base, base)]
    tops = [end for end in ends if end <= base + 2 * max(base - least, 1e-3)]
    room = max(base - least, 1e-3) * 0.25
    return least - room, max([base, *tops, *kept]) + room / 2


def _is_drop(gate: str) -> bool:
    return gate.endswith("_drop")


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
    lines = alt.Chart(alt.Data(values=roofs)).mark_line(color=COLOURS["muted"], strokeWidth=1.5)
    ends = [one for one in roofs if one["x"] == steps[-1]]
    named = alt.Chart(alt.Data(values=ends)).mark_text(align="right", dy=-7, fontSize=10)
    shown = [{**v, "x": v["intensity"], "y": v["rate"], "label": v["variant"]} for v in values]
    floor = min(one["y"] for one in (*roofs, *shown)) / 1.5
    spans = (low, high), (floor, 1.6 * max(peak for peak, _ in roof.values()))
    scales = [alt.Scale(type="log", domain=list(span), nice=False) for span in spans]
    thin = alt.Axis(tickCount=4, labelOverlap="greedy", labelSeparation=10)
    x = alt.X("x:Q", title="multiply-adds per byte moved", scale=scales[0], axis=thin)
    y = alt.Y("y:Q", title="10⁹ multiply-adds a second", scale=scales[1], axis=thin)
    size = (_WIDTH, _HEIGHT)
    at = placed(shown, keys=("x", "y"), ranges=spans, size=size, logs=(True, True))
    dots = alt.Chart(alt.Data(values=shown))
    colour = alt.Color("hue:N", scale=None)
    return alt.layer(
        lines.encode(x=x, y=y, detail="roof:N"),
        named.encode(x=x, y=y, text="roof:N", color=alt.value(COLOURS["muted"])),
        dots.mark_point(size=80, filled=True).encode(x=x, y=y, color=colour, description="says:N"),
        *_labels(list(at), x, y),
    ).properties(width=_WIDTH, height=_HEIGHT)


def _point(row: Row, axis: str, cost: Cost, least: float) -> dict[str, Any]:
    value, own = row.value or 0, row.metrics[row.headline]
    low, high = row.interval or (value, value)
    on, below = axis in row.fronts, value < least
    time = row.times.get(axis.removeprefix("ms "))
    spent = cost(row) or 0
    said = f"{spent:.2f} ms" if time else size(spent)
    return {
        "variant": f"{row.variant} ↓ {value:.2f}" if below else row.variant,
        "label": f"{row.variant} ↓ {value:.2f}" if below else row.variant,
        "cost": spent,
        "late": time.p90_ms if time else None,
        "value": max(value, least),
        "low": low,
        "high": high,
        "on": on,
        "below": below,
        "kept": row.outcome == "published",
        "hue": COLOURS[row.target] if on or below else COLOURS["greyed"],
        "shape": _SHAPES.get(row.scheme, "diamond"),
        "says": f"{row.variant} ({row.outcome}): {row.headline} {own.value:.4f}, "
        f"drop {points(own.drop or 0)} points, {said}",
    }


def _lines(
    report: Report, rows: Sequence[Row], axis: str, cost: Cost, scales: tuple[Any, Any]
) -> Iterable[Any]:
    """The reference, and the gates that bound this chart's two figures."""
    import altair as alt

    base = report.reference.metrics[rows[0].headline]
    gates = {(g.gate, g.bound) for v in report.variants for g in v.gates}
    drops = sorted(bound for gate, bound in gates if _is_drop(gate))
    floors = [{"y": base - bound, "hue": COLOURS["gate"]} for bound in drops]
    floors.insert(0, {"y": base, "hue": COLOURS["reference"]})
    colour = alt.Color("hue:N", scale=None)
    x, y = alt.X("x:Q", scale=scales[0]), alt.Y("y:Q", scale=scales[1])
    chart = alt.Chart(alt.Data(values=floors))
    yield chart.mark_rule(strokeDash=[2, 2]).encode(y=y, color=colour)
    texts = alt.Chart(alt.Data(values=_said_beside(base, drops, scales[1].domain)))
    yield texts.mark_text(align="left", dx=6, fontSize=9, lineBreak="\n").encode(
        x=alt.value(_WIDTH), y=y, text="text:N", color=colour
    )
    limits = [bound for gate, bound in gates if gate == axis]
    if axis.startswith("ms "):
        float32 = [cost(row) or 0 for row in rows if row.scheme == "float32"]
        ratios = [bound for gate, bound in gates if gate == "latency_ratio"]
        limits = [bound * time for bound in ratios for time in float32 if time]
    if limits:
        bounds = alt.Chart(alt.Data(values=[{"x": limit} for limit in limits]))
        yield bounds.mark_rule(color=COLOURS["gate"], strokeDash=[2, 2]).encode(x=x)
    if axis == "bytes":
        source = {"x": report.source.bytes, "y": base, "says": "the source's file"}
        yield (
            alt.Chart(alt.Data(values=[source]))
            .mark_point(
                shape="diamond", size=90, filled=True, color=COLOURS["reference"], clip=True
            )
            .encode(x=x, y=y, description="says:N")
        )


def _said_beside(base: float, drops: Sequence[float], span: Sequence[float]) -> Values:
    """The words right of the chart; those of lines that lie close together stand as one."""
    close = 0.13 * (span[1] - span[0])
    near = [bound for bound in drops if bound < close]
    texts = ["reference", *([f"gates −{', −'.join(map(points, near))}"] if near else [])]
    said: Values = [{"y": base, "text": "\n".join(texts), "hue": COLOURS["reference"]}]
    said += [
        {"y": base - bound, "text": f"gate −{points(bound)}", "hue": COLOURS["gate"]}
        for bound in drops
        if bound >= close
    ]
    return said


def _axis(axis: str) -> Any:
    import altair as alt

    return alt.Axis(
        tickCount=5,
        labelOverlap="greedy",
        labelSeparation=10,
        **({"labelExpr": _BYTES} if axis in _AXES else {}),
    )


def _axis_title(axis: str) -> str:
    return _AXES.get(axis) or f"ms on {axis.removeprefix('ms ')}, 1 thread: fastest to 90 %"


def _costs(values: Values) -> tuple[float, float]:
    """The least and the most that is shown of a cost."""
    least = min(one["cost"] for one in values)
    most = max(one["cost"] for one in values)
    return least / 1.15, most * 1.25


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
        # What measures the letters here may know another font than what shows them.
        padding={"left": 5, "top": 8, "right": 24, "bottom": 5},
        text={"color": ink},
    )
