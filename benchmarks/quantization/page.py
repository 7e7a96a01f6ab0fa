"""The page of figures, from what a run kept."""

from collections.abc import Iterator, Mapping

from benchmarks.quantization.ablation import METHODS
from benchmarks.quantization.records import Kept, Measured, Row, Time
from convert.vocabulary import TARGETS, Target

_HEAD = """# Eight bits: our files and the peers'

Written by `python -m benchmarks.quantization` (see `benchmarks/README.md`); do not edit.

Everybody starts from the same float32 core, is calibrated on the same pictures with its tool's own
defaults, and is scored on the same other pictures by the same protocol as `convert verify`.

- **drop**: the uncut graph's figure minus the file's, in points, with the 95 % interval of a
  paired bootstrap over the pictures.
- **agreement**: share of labels that equal the uncut graph's. With so few pictures it is the
  steadier figure.
- **ms**: median on one thread (LiteRT, ONNX Runtime), in rounds that take turns; **ratio**: least
  time over the least time of float32 of the same target. tfjs files are scored with the weights
  they store, by TensorFlow, and timed on tfjs's wasm backend under Node, where it is installed.
- **to make**: wall seconds, processor seconds and largest memory of a process of its own that
  starts from the core, imports with it.
"""
_COLUMNS = (
    "file", "bytes", "brotli", "{metric}", "drop", "95 %", "agreement", "ms", "ratio",
    "to make s", "CPU s", "MB",
)  # fmt: skip


def page(kept: Kept) -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD, *_where(kept)]
    for name, measured in kept.models.items():
        parts.extend(_model(name, measured))
    return "\n".join(parts).rstrip() + "\n"


def _where(kept: Kept) -> Iterator[str]:
    machine = kept.machine
    if machine is not None:
        held = ", ".join(machine.instructions)
        yield (
            f"Taken until {kept.date} on {machine.processor} ({held}), {machine.cores} cores, "
            f"{machine.memory_gb} GB, {machine.system}, Python {machine.python}.\n"
        )
    listed = ", ".join(f"{name} {version}" for name, version in sorted(kept.versions.items()))
    yield f"Versions: {listed}.\n"


def _model(name: str, measured: Measured) -> Iterator[str]:
    yield f"## {name}\n"
    yield (
        f"{measured.pictures} pictures of {measured.dataset}, {measured.calibration} for "
        f"calibration; {measured.metric} of the uncut graph {100 * measured.reference:.2f}.\n"
    )
    for target in TARGETS:
        rows = {key: row for key, row in measured.rows.items() if row.target == target}
        if rows:
            yield from _table(target, rows, measured)
    yield from _together(measured)
    for target in TARGETS:
        rows = {
            key.removeprefix(f"ablation-{target}-"): row
            for key, row in measured.ablation.items()
            if row.target == target
        }
        if rows:
            yield from _ablation(target, rows)


def _together(measured: Measured) -> Iterator[str]:
    costs = [row.cost for row in measured.rows.values() if row.ours and row.cost]
    if costs:
        seconds, cpu = sum(cost.seconds for cost in costs), sum(cost.cpu_seconds for cost in costs)
        yield (
            f"Our {len(costs)} eight-bit files were made in {seconds:.0f} s ({cpu:.0f} of a "
            f"processor), with {max(cost.peak_mb for cost in costs):.0f} MB at most.\n"
        )


def _table(target: Target, rows: Mapping[str, Row], measured: Measured) -> Iterator[str]:
    yield f"### {target}\n"
    columns = [column.format(metric=measured.metric) for column in _COLUMNS]
    yield _line([column if column != "file" else target for column in columns])
    yield _line(["---", *["--:"] * (len(columns) - 1)])
    for key, row in rows.items():
        yield _line(_cells(row, measured.times.get(key)))
    failed = [f"- {row.title} failed: {row.error}" for row in rows.values() if row.error]
    shared = [
        f"- {row.title}: written from the decisions of {rows_title(measured, row.shares)}, whose "
        "making is counted there."
        for row in rows.values()
        if row.shares
    ]
    yield "\n".join(["", *failed, *shared, ""] if failed or shared else [""])


def rows_title(measured: Measured, name: str) -> str:
    """How a row is called, with its target."""
    row = measured.rows.get(name)
    return f"{row.title} ({row.target})" if row else name


def _cells(row: Row, time: Time | None) -> list[str]:
    title = f"**{row.title}**" if row.ours else row.title
    cost = row.cost
    return [
        title,
        *_scores(row),
        f"{time.p50_ms:.2f}" if time else "",
        f"{time.ratio:.2f}" if time and time.ratio is not None else "",
        f"{cost.seconds:.0f}" if cost else "",
        f"{cost.cpu_seconds:.0f}" if cost else "",
        f"{cost.peak_mb:.0f}" if cost else "",
    ]


def _scores(row: Row) -> list[str]:
    if row.value is None or row.drop is None or row.agreement is None:
        return ["failed" if row.error else "", *[""] * 5]
    interval = row.drop_ci95
    return [
        f"{row.bytes:,}",
        f"{row.bytes_brotli:,}",
        f"{100 * row.value:.2f}",
        f"{100 * row.drop:.2f}",
        f"{100 * interval[0]:.2f} to {100 * interval[1]:.2f}" if interval else "",
        f"{100 * row.agreement:.2f} %",
    ]


def _ablation(target: Target, rows: Mapping[str, Row]) -> Iterator[str]:
    yield f"### What each method is worth: {target} uint8\n"
    yield (
        "On the same pictures as above, by which nothing was chosen. In every row the scales of "
        "kernels are those of least error.\n"
    )
    yield _line(["methods", "agreement", "drop", "95 %", "CPU s"])
    yield _line(["---", *["--:"] * 4])
    for key, row in rows.items():
        _, _, value, drop, interval, agreement = _scores(row)
        seconds = f"{row.cost.cpu_seconds:.0f}" if row.cost else ""
        yield _line([key.replace("-", " "), agreement or value, drop, interval, seconds])
    yield ""
    for method in METHODS:
        if target != "tfjs" or not method.integers_only:
            yield f"- {method.title}: {method.reason}."
    yield ""


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
