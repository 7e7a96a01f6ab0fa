"""The rows as Markdown, for a README, and as CSV, for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from itertools import groupby

from convert.audit.rows import Row
from convert.audit.words import points, size, title_of


def markdown(rows: Sequence[Row]) -> str:
    """A section and a table for each recipe; variants on a front are bold."""
    parts = []
    for recipe, group in groupby(rows, lambda row: row.recipe):
        own = list(group)
        figure = title_of(own[0].headline)
        parts += [
            f"## {recipe}\n",
            f"| variant | {figure} | drop, points | 95 % | bytes | brotli | ms (min) | outcome |",
            "|---|--:|--:|:-:|--:|--:|--:|---|",
            *map(_line, own),
            "",
        ]
    return "\n".join(parts)


def _line(row: Row) -> str:
    own = row.metrics.get(row.headline)
    interval = "…".join(map(points, own.drop_ci95)) if own and own.drop_ci95 else ""
    cells = (
        f"**{row.variant}**" if row.fronts else row.variant,
        f"{own.value:.4f}" if own else "",
        points(own.drop or 0) if own else "",
        interval,
        size(row.bytes) if row.bytes else "",
        size(row.bytes_brotli) if row.bytes_brotli else "",
        ", ".join(f"{time.min_ms:.2f}" for time in row.times.values()),
        f"{row.outcome}: {row.why}".rstrip(": ").replace("|", "\\|").replace("\n", " "),
    )
    return f"| {' | '.join(cells)} |"


COLUMNS = (
    "recipe", "variant", "target", "scheme", "outcome", "why", "metric", "value", "drop",
    "drop_low95", "drop_high95", "agreement", "bytes", "bytes_brotli", "runtime", "threads",
    "min_ms", "p50_ms", "p90_ms", "ratio_to_float32", "peak_rss_mb", "fronts", "beaten_by",
)  # fmt: skip


def as_csv(rows: Sequence[Row]) -> str:
    """A line for each variant and runtime that timed it; what was not taken is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        for kept in [time.model_dump() for time in row.times.values()] or [{}]:
            writer.writerow(_figures(row) | {key: kept[key] for key in kept if key in COLUMNS})
    return text.getvalue()


def _figures(row: Row) -> dict[str, object]:
    own, same = row.metrics.get(row.headline), row.metrics.get("agreement")
    low, high = (own and own.drop_ci95) or ("", "")
    keys = ("recipe", "variant", "target", "scheme", "outcome", "why", "bytes", "bytes_brotli")
    return {
        **{key: getattr(row, key) for key in keys},
        "metric": row.headline,
        "value": own.value if own else "",
        "drop": own.drop if own else "",
        "drop_low95": low,
        "drop_high95": high,
        "agreement": same.value if same else "",
        "fronts": " ".join(axis.replace(" ", ":") for axis in row.fronts),
        "beaten_by": row.beaten_by or "",
    }
