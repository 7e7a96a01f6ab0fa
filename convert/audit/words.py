"""How figures and verdicts are said, in tables and on pages alike."""

from convert.metrics import METRICS
from convert.report import Report, Variant, Verdict

_TITLES = {"miou": "mIoU", "top1": "top-1", "coco_map": "mAP"}
_UNITS = ("B", "kB", "MB")


def headline_of(report: Report) -> str:
    """The figure that this report's gates judge."""
    known = {metric.HEADLINE for metric in METRICS.values()}
    return next(figure for figure in report.reference.metrics if figure in known)


def title_of(figure: str) -> str:
    """As the field writes it."""
    return _TITLES.get(figure, figure)


def name(variant: Variant) -> str:
    """Such as `tflite-uint8`."""
    return f"{variant.target}-{variant.scheme}"


def points(value: float) -> str:
    """A drop in points: 0.01 of mIoU is one."""
    # Adding zero turns -0.00 into 0.00.
    return f"{round(100 * value, 2) + 0:.2f}"


def size(count: float) -> str:
    """Bytes as people read them."""
    for unit in _UNITS:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} GB"


def missed(verdict: Verdict) -> str:
    """Such as `mIoU drop 11.70 points, at most 3.00`."""
    figure, _, kind = verdict.gate.rpartition("_")
    if verdict.value is None:
        return f"{verdict.gate} was not taken"
    if kind == "drop":
        found, bound = points(verdict.value), points(verdict.bound)
        return f"{title_of(figure)} drop {found} points, at most {bound}"
    return f"{verdict.gate.replace('_', ' ')} {verdict.value:,.4g}, at most {verdict.bound:,.4g}"


def why_not(variant: Variant) -> str:
    """Why a variant is not published; empty where it is."""
    if variant.passed:
        return ""
    return variant.error or ", ".join(missed(gate) for gate in variant.gates if not gate.passed)
