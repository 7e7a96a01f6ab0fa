"""A report as rows: one variant each, with the fronts that it stands on."""

from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import Field

from convert.audit.words import headline_of, name, why_not
from convert.report import Latency, Measured, Report, Variant
from convert.vocabulary import Record, Scheme, Target

Outcome = Literal["published", "refused", "failed"]
Cost = Callable[["Row"], float | None]
_TOLD = 4
"""Decimals in which figures are compared: what differs less is the last bits of floats."""


class Row(Record):
    """One variant of one recipe, published or not."""

    recipe: str
    variant: str
    """Such as `tflite-uint8`."""
    target: Target
    scheme: Scheme
    outcome: Outcome
    why: str = ""
    """Why it is not published."""
    headline: str
    """The figure that fronts and gates are of, such as "miou"."""
    metrics: dict[str, Measured] = Field(default_factory=dict)
    bytes: int | None = None
    bytes_brotli: int | None = None
    times: dict[str, Latency] = Field(default_factory=dict)
    """Runtime -> what the clock found with one thread (or the fewest that were timed)."""
    fronts: tuple[str, ...] = ()
    """Those of `axes` on which no other published variant is as good and cheaper, or better."""
    beaten_by: str | None = None
    """On no front: a published variant that is at least as good and costs less on every one."""

    @property
    def value(self) -> float | None:
        """The headline figure."""
        return self.metrics[self.headline].value if self.metrics else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """What the headline figure may be: the reference's less the ends of the drop's interval."""
        own = self.metrics.get(self.headline)
        if own is None or own.drop_ci95 is None or own.drop is None:
            return None
        low, high = own.drop_ci95
        return own.value + own.drop - high, own.value + own.drop - low


def axes(rows: Iterable[Row]) -> dict[str, Cost]:
    """What a variant costs, by the axis's name: bytes, brotli, and ms on each runtime."""
    runtimes = dict.fromkeys(runtime for row in rows for runtime in row.times)
    return {
        "bytes": lambda row: row.bytes,
        "brotli": lambda row: row.bytes_brotli,
        **{f"ms {runtime}": _time_on(runtime) for runtime in runtimes},
    }


def rows_of(report: Report) -> tuple[Row, ...]:
    """Every variant of a report, in its order, set on its fronts."""
    rows = tuple(_row(report, variant) for variant in report.variants)
    costs = axes(rows)
    fronts = {axis: front(rows, cost) for axis, cost in costs.items()}
    return tuple(_placed(row, rows, costs, fronts) for row in rows)


def front(rows: Iterable[Row], cost: Cost) -> tuple[str, ...]:
    """The published variants that none dominates in headline and cost, the cheapest first."""
    able = [row for row in rows if row.outcome == "published" and cost(row) is not None]
    kept = [row for row in able if not any(_dominates(other, row, cost) for other in able)]
    return tuple(row.variant for row in sorted(kept, key=lambda row: cost(row) or 0))


def _placed(
    row: Row, rows: tuple[Row, ...], costs: dict[str, Cost], fronts: dict[str, tuple[str, ...]]
) -> Row:
    on = tuple(axis for axis, names in fronts.items() if row.variant in names)
    if on or row.outcome != "published":
        return row.model_copy(update={"fronts": on})
    own = [cost for cost in costs.values() if cost(row) is not None]
    others = (other for other in rows if other.outcome == "published")
    better = (o for o in others if all(_dominates(o, row, cost) for cost in own))
    beaten = next((other.variant for other in better), None)
    return row.model_copy(update={"beaten_by": beaten})


def _dominates(one: Row, other: Row, cost: Cost) -> bool:
    """At least as good for at most as much, and not the same in both."""
    mine, its = cost(one), cost(other)
    if one.value is None or other.value is None or mine is None or its is None:
        return False
    good, bad = round(one.value, _TOLD), round(other.value, _TOLD)
    return (good, mine) != (bad, its) and good >= bad and mine <= its


def _row(report: Report, variant: Variant) -> Row:
    return Row(
        recipe=report.recipe,
        variant=name(variant),
        target=variant.target,
        scheme=variant.scheme,
        outcome="failed" if variant.error else "published" if variant.passed else "refused",
        why=why_not(variant),
        headline=headline_of(report),
        metrics=variant.metrics,
        bytes=variant.bytes,
        bytes_brotli=variant.bytes_brotli,
        times=_times(variant.latency),
    )


def _times(found: Iterable[Latency]) -> dict[str, Latency]:
    """The fewest threads of each runtime; what a drawn GPU took says nothing of time."""
    real = [one for one in found if not (one.browser and one.browser.correctness_only)]
    ordered = sorted(real, key=lambda one: -one.threads)
    return {one.runtime: one for one in ordered}


def _time_on(runtime: str) -> Cost:
    def cost(row: Row) -> float | None:
        return row.times[runtime].min_ms if runtime in row.times else None

    return cost
