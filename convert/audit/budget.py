"""`--budget "bytes<=1MB, miou_drop<=0.005"`: what to publish within bounds, and the next best."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from convert.audit.rows import Row
from convert.audit.words import size
from convert.errors import UsageError
from convert.vocabulary import Record

_TERM = re.compile(r"(\w+)\s*(<=|>=|<|>|≤|≥)\s*(\d*\.?\d+(?:[eE][+-]?\d+)?)\s*([A-Za-z%]*)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_ALIASES = {"≤": "<=", "≥": ">="}
_BYTES = {"": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20}
_UNITS: dict[str, dict[str, float]] = {
    "bytes": _BYTES,
    "brotli": _BYTES,
    "ms": {"": 1, "ms": 1, "s": 1000, "us": 1e-3},
    "memory": {"MB": 1, "GB": 1e3, "MiB": 1.048576},
    "ratio": {"": 1, "x": 1, "%": 0.01},
}
"""Quantity -> what a unit multiplies by."""
_SHARE = {"": 1, "%": 0.01, "pt": 0.01, "points": 0.01}
_EXAMPLE = 'Write --budget "bytes<=1MB, miou_drop<=0.005".'
_NEVER = float("inf")
_SAME_TIME = 1.05
"""Times whose ratio is less count as one."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One bound, in the quantity's own unit: bytes, ms, MB, or a share."""

    quantity: str
    compare: str
    bound: float
    text: str

    def holds(self, value: float) -> bool:
        """Whether a value keeps to it; the last bit of a float does not break it."""
        allowed = "=" in self.compare and math.isclose(value, self.bound, rel_tol=1e-9)
        return allowed or _COMPARE[self.compare](value, self.bound)


class Choice(Record):
    """A variant to publish, and its figures in words."""

    variant: str
    says: str
    doubt: str = ""
    """Where the interval of a drop reaches beyond its bound."""


class Answer(Record):
    """What one recipe has for a budget."""

    recipe: str
    budget: str
    best: Choice | None
    next_best: Choice | None
    ranked_by: str
    """What decided between those within the budget."""
    misses: dict[str, str]
    """Every other variant -> what it misses."""


def parse_budget(text: str) -> tuple[Term, ...]:
    """Read bounds with commas between them. Raises UsageError that quotes what it cannot read."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageError("--budget: no bound is given", hint=_EXAMPLE)
    return tuple(map(_term, parts))


def answers(terms: Sequence[Term], rows: Iterable[Row]) -> tuple[Answer, ...]:
    """One for each recipe that has every quantity.

    Raises UsageError where a quantity is known of no recipe at all.
    """
    recipes: dict[str, list[Row]] = {}
    for row in rows:
        recipes.setdefault(row.recipe, []).append(row)
    known = {name: _quantities(own) for name, own in recipes.items()}
    for term in terms:
        if not any(term.quantity in names for names in known.values()):
            there = sorted({name for names in known.values() for name in names})
            raise UsageError(
                f"--budget: {term.quantity!r} is no figure of these recipes",
                hint=f"There are {', '.join(there)}.",
            )
    return tuple(
        _answer(terms, name, own)
        for name, own in recipes.items()
        if all(term.quantity in known[name] for term in terms)
    )


def _term(part: str) -> Term:
    found = _TERM.fullmatch(part)
    if found is None:
        raise UsageError(f"--budget: {part!r} is no bound", hint=_EXAMPLE)
    quantity, sign, number, unit = found.groups()
    units = _UNITS.get(quantity, _SHARE)
    if unit not in units:
        named = ", ".join(name or "none" for name in units)
        raise UsageError(
            f"--budget: {part!r}: {quantity} has no unit {unit or 'none'!r}",
            hint=f"Units of {quantity}: {named}.",
        )
    compare = _ALIASES.get(sign, sign)
    return Term(quantity=quantity, compare=compare, bound=float(number) * units[unit], text=part)


def _quantities(rows: Sequence[Row]) -> set[str]:
    figures = {name for row in rows for name in row.metrics}
    return {*_UNITS, "drop", *figures, *(f"{name}_drop" for name in figures - {"agreement"})}


def _value(row: Row, quantity: str) -> float | None:
    """A quantity of a variant; None where it was not taken."""
    one = min(row.times.values(), key=lambda time: time.min_ms, default=None)
    own: dict[str, float | None] = {
        "bytes": row.bytes,
        "brotli": row.bytes_brotli,
        "ms": one.min_ms if one else None,
        "memory": one.peak_rss_mb if one else None,
        "ratio": one.ratio_to_float32 if one else None,
    }
    if quantity in own:
        return own[quantity]
    figure = row.metrics.get(row.headline if quantity == "drop" else quantity.removesuffix("_drop"))
    if figure is None:
        return None
    return figure.drop if quantity.endswith("drop") else figure.value


def _answer(terms: Sequence[Term], recipe: str, rows: Sequence[Row]) -> Answer:
    broken = {row.variant: _misses(terms, row) for row in rows}
    within = [row for row in rows if not broken[row.variant]]
    title, rank = _ranking(terms)
    best, second = ([_choice(terms, row) for row in sorted(within, key=rank)] + [None] * 2)[:2]
    return Answer(
        recipe=recipe,
        budget=", ".join(term.text for term in terms),
        best=best,
        next_best=second,
        ranked_by=title,
        misses={variant: why for variant, why in broken.items() if why},
    )


def _ranking(terms: Sequence[Term]) -> tuple[str, Callable[[Row], tuple[float, ...]]]:
    """By the first that the budget leaves open of accuracy, time and download; else by accuracy."""
    bounded = {"bytes" if t.quantity == "brotli" else t.quantity for t in terms}

    def drop(row: Row) -> float:
        return _or_never(_value(row, "drop"))

    def time(row: Row) -> float:
        # In steps of some percent: what is closer is what else the machine did.
        found = _value(row, "ms")
        return _NEVER if not found else round(math.log(found, _SAME_TIME))

    def weight(row: Row) -> float:
        return _or_never(row.bytes_brotli)

    accurate = any(q not in _UNITS for q in bounded)
    if accurate and not bounded & {"ms", "ratio"}:
        return "the fastest run, then the smallest download", lambda row: (time(row), weight(row))
    if accurate and "bytes" not in bounded:
        return "the smallest download, then the drop", lambda row: (weight(row), drop(row))
    return "the smallest drop, then the smallest download", lambda row: (drop(row), weight(row))


def _or_never(value: float | None) -> float:
    return _NEVER if value is None else value


def _misses(terms: Sequence[Term], row: Row) -> str:
    """What keeps a variant out; empty where nothing does."""
    if row.outcome != "published":
        return f"{row.outcome}: {row.why}"
    found = [(term, _value(row, term.quantity)) for term in terms]
    return ", ".join(
        f"{term.quantity} {'was not taken' if value is None else _said(term.quantity, value)}"
        for term, value in found
        if value is None or not term.holds(value)
    )


def _choice(terms: Sequence[Term], row: Row) -> Choice:
    own = row.metrics[row.headline]
    time = _value(row, "ms")
    figures = [
        f"{row.headline} {own.value:.4f}",
        f"drop {own.drop or 0:.4f}",
        *([f"{size(row.bytes)} ({size(row.bytes_brotli or 0)} brotli)"] if row.bytes else []),
        *([f"{time:.2f} ms"] if time else []),
    ]
    beyond = (
        f"the 95 % interval of the drop reaches {own.drop_ci95[1]:.4f}"
        for term in terms
        if term.quantity in ("drop", f"{row.headline}_drop")
        and own.drop_ci95
        and not term.holds(own.drop_ci95[1])
    )
    return Choice(variant=row.variant, says=", ".join(figures), doubt=next(beyond, ""))


def _said(quantity: str, value: float) -> str:
    if _UNITS.get(quantity) is _BYTES:
        return size(value)
    return f"{value:.4g}" + {"ms": " ms", "memory": " MB"}.get(quantity, "")
