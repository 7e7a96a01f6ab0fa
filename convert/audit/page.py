"""The audit as one HTML page that needs nothing else: no script, style, font or picture from
outside.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convert.audit import charts, words
from convert.audit.budget import Answer
from convert.audit.drawing import COLOURS, svg
from convert.audit.front_chart import front_chart
from convert.audit.rows import Row, axes
from convert.audit.section import Section
from convert.audit.shown import shown
from convert.audit.templates import template
from convert.stages.layers import LayerError


def page(sections: Sequence[Section], answers: Sequence[Answer], command: str) -> str:
    """The whole page. `command` is what makes it again."""
    made = template("audit.html.j2").render(
        sections=[_view(section) for section in sections],
        answers=answers,
        command=command,
        machine=sections[0].report.machine,
        words=words,
        points=words.points,
        size=words.size,
    )
    return str(made)


def plots(sections: Sequence[Section]) -> Mapping[str, Any]:
    """File name without its suffix -> chart, of every recipe."""
    return {
        f"{section.report.recipe}-{name}": chart
        for section in sections
        for name, chart in _charts(section).items()
    }


def themed(drawn: str) -> str:
    """An SVG whose colours are the page's: each role's hex becomes its CSS variable."""
    for role, colour in COLOURS.items():
        drawn = drawn.replace(colour, f"var(--{role})")
    # Its own size is what it was laid out for; a narrow page shrinks it.
    return re.sub(r'<svg ([^>]*?)width="(\d+)" height="\d+"', r'<svg \1style="width:\2px"', drawn)


def _view(section: Section) -> dict[str, Any]:
    drawn = _charts(section)
    fronts = {name: chart for name, chart in drawn.items() if name in _front_names(section)}
    return {
        "s": section,
        "r": section.report,
        "recipe": section.recipe,
        "rows": section.rows,
        "headline": words.headline_of(section.report),
        "title": words.title_of(words.headline_of(section.report)),
        "best": _bests(section.rows),
        "fronts": {name: themed(svg(chart)) for name, chart in fronts.items()},
        "others": {name: themed(svg(chart)) for name, chart in drawn.items() if name not in fronts},
        "worst": {name: [shown(section, o) for o in each] for name, each in section.worst.items()},
        "lossiest": {
            target: sorted(layers, key=lambda layer: layer.snr_db)[:8]
            for target, layers in section.layers.items()
        },
    }


def _charts(section: Section) -> dict[str, Any]:
    """Every chart that there is something for, by its name."""
    made = {
        axis.replace(" ", "-"): front_chart(section.report, section.rows, axis, cost)
        for axis, cost in axes(section.rows).items()
        if any(row.value is not None and cost(row) is not None for row in section.rows)
    }
    classes = charts.class_chart(section.report, section.labels)
    if classes is not None:
        made["classes"] = classes
    for target, layers in section.layers.items():
        made[f"layers-{target}"] = charts.layer_chart(_layer_values(layers), target)
    if any(one.ms for one in section.whys):
        made["roofline"] = _roofline(section)
    return made


def _front_names(section: Section) -> set[str]:
    return {axis.replace(" ", "-") for axis in axes(section.rows)}


def _bests(rows: Iterable[Row]) -> dict[str, Row]:
    """The smallest and the fastest published variant."""
    able = [row for row in rows if row.outcome == "published"]
    small = min(able, key=lambda row: row.bytes_brotli or 0, default=None)
    timed = [row for row in able if row.times]
    fast = min(timed, key=lambda r: min(t.min_ms for t in r.times.values()), default=None)
    return {name: row for name, row in (("smallest", small), ("fastest", fast)) if row}


def _layer_values(layers: Sequence[LayerError]) -> list[dict[str, Any]]:
    return [
        {
            "place": place,
            "snr": layer.snr_db,
            "says": f"{layer.layer} ({layer.op}): {layer.snr_db:.1f} dB",
        }
        for place, layer in enumerate(layers)
    ]


def _roofline(section: Section) -> Any:
    roof = section.whys[0].roof
    roofs = {
        "float32": (roof.float_macs, roof.bandwidth),
        "eight bits": (roof.byte_macs, roof.bandwidth),
    }
    values = [
        {
            "variant": one.variant,
            "intensity": one.macs / max(1, one.weight_bytes + one.activation_bytes),
            "rate": one.macs / one.ms / 1e6,
            "hue": COLOURS[one.variant.partition("-")[0]],
            "says": f"{one.variant}: {one.macs / one.ms / 1e6:.1f} of {roof.float_macs:.0f} "
            "10⁹ multiply-adds a second",
        }
        for one in section.whys
        if one.macs and one.ms
    ]
    return charts.roofline_chart(roofs, values)
