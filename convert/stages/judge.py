"""Score what was observed, and hold it against the gates."""

import math

from convert.metrics.base import MetricBackend, pooled
from convert.metrics.bootstrap import drop_interval
from convert.observations import Observations
from convert.recipe import Bounds
from convert.report import Latency, Measured, Verdict

OF_TIMES = frozenset({"latency_ratio"})
"""The gates whose figures no two runs share."""


def score(
    metric: MetricBackend, seen: Observations, reference: Observations
) -> dict[str, Measured]:
    """Every defined figure of the metric with its drop, the headline's with its 95 % interval.

    `agreement` is the share of counted labels that equal the reference's.
    """
    total, base = (pooled(metric, each.statistics) for each in (seen, reference))
    wanted = metric.figures(base)
    figures = {
        name: Measured(value=value, drop=wanted[name] - value)
        for name, value in metric.figures(total).items()
        if math.isfinite(value) or name == metric.HEADLINE
    }
    interval = drop_interval(reference.statistics, seen.statistics, metric)
    headline = figures[metric.HEADLINE].model_copy(update={"drop_ci95": interval})
    agreement = Measured(value=float(seen.agreed.sum() / max(1, seen.counted.sum())))
    return {**figures, metric.HEADLINE: headline, "agreement": agreement}


def judge(
    bounds: Bounds,
    *,
    headline: str,
    measured: Measured,
    agreement: float | None = None,
    size: int,
    latency: tuple[Latency, ...],
) -> tuple[Verdict, ...]:
    """One verdict per bound that the recipe gives; a figure that was not taken fails its gate."""
    found = {
        f"{headline}_drop": (bounds.drop, measured.drop),
        # As what must not be exceeded, like all the others.
        "disagreement": (bounds.disagreement, None if agreement is None else 1 - agreement),
        "latency_ratio": (bounds.latency_ratio, _single_thread_ratio(latency)),
        "bytes": (bounds.bytes, float(size)),
    }
    return tuple(
        Verdict(gate=gate, bound=bound, value=value, passed=_holds(value, bound))
        for gate, (bound, value) in found.items()
        if bound is not None
    )


def _holds(value: float | None, bound: float) -> bool:
    # A drop is a difference of floats: do not fail a gate by the last bit of it.
    return value is not None and (value <= bound or math.isclose(value, bound, rel_tol=1e-9))


def _single_thread_ratio(latency: tuple[Latency, ...]) -> float | None:
    ratios = [item.ratio_to_float32 for item in latency if item.threads == 1]
    return ratios[0] if ratios else None
