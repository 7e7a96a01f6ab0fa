"""Accuracy against one cost, with its front, intervals, gates and the float reference."""

from collections.abc import Iterable, Sequence
from typing import Any

from convert.audit.drawing import COLOURS, HEIGHT, WIDTH, Values, labels
from convert.audit.placing import placed
from convert.audit.rows import Cost, Row
from convert.audit.words import points, size, title_of
from convert.report import Report

_SHAPES = {"float32": "circle", "float16": "square", "uint8": "triangle-up"}
_AXES = {"bytes": "size on disk", "brotli": "download, after brotli"}
_BYTES = "datum.value >= 1e6 ? format(datum.value / 1e6, '.3~g') + ' MB' : "
_BYTES += "format(datum.value / 1e3, '.3~g') + ' kB'"


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
    size = (WIDTH, HEIGHT)
    at = placed(named, keys=keys, ranges=(costs, (low, high)), size=size, logs=(True, False))
    layers = [
        *_lines(report, rows, axis, cost, (across, up)),
        line.encode(x=x, y=y),
        spread,
        late.encode(x=x, x2="late:Q", y=y, color=colour, opacity=dim),
        marks,
        *labels(list(at), x, y),
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


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
        x=alt.value(WIDTH), y=y, text="text:N", color=colour
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
