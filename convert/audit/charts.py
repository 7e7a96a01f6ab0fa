"""The charts beside the fronts: classes, layers, and the roofline."""

from collections.abc import Mapping, Sequence
from typing import Any

from convert.audit.drawing import COLOURS, HEIGHT, WIDTH, Values, labels
from convert.audit.placing import placed
from convert.audit.words import name
from convert.report import Report


def class_chart(report: Report, classes: Sequence[str]) -> Any | None:
    """The figure of each class as bars, of the reference and of every eight-bit file."""
    import altair as alt

    eight = [v for v in report.variants if v.scheme == "uint8" and v.per_class]
    who = {"reference": report.reference.per_class, **{name(v): v.per_class for v in eight}}
    values = [
        {"class": label, "who": one, "value": found[index], "says": f"{label}, {one}"}
        for one, found in who.items()
        for index, label in enumerate(classes)
        if index < len(found) and found[index] is not None
    ]
    if not values:
        return None
    hues = [COLOURS["reference"] if one == "reference" else COLOURS[_target(one)] for one in who]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            y=alt.Y("class:N", title=None, sort=list(classes), scale=alt.Scale(paddingInner=0.25)),
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
    size = (WIDTH, HEIGHT)
    at = placed(shown, keys=("x", "y"), ranges=spans, size=size, logs=(True, True))
    dots = alt.Chart(alt.Data(values=shown))
    colour = alt.Color("hue:N", scale=None)
    return alt.layer(
        lines.encode(x=x, y=y, detail="roof:N"),
        named.encode(x=x, y=y, text="roof:N", color=alt.value(COLOURS["muted"])),
        dots.mark_point(size=80, filled=True).encode(x=x, y=y, color=colour, description="says:N"),
        *labels(list(at), x, y),
    ).properties(width=WIDTH, height=HEIGHT)


def _target(variant: str) -> str:
    return variant.partition("-")[0]
