"""One sentence: what to do about a file's time, or that nothing is left to do."""

from collections.abc import Iterable

from convert.machine import INT8_DOT_PRODUCTS, instructions
from convert.stages.why.records import OpGroup, Why

_MUCH = 0.05
"""The share of multiply-adds or bytes from which something is worth a word."""
_NEAR = 0.5
"""The share of the time from which the roofs explain it."""
_FASTER = 0.6
"""The ratio to float32 below which eight bits have paid."""
_CROSSINGS = 2
"""Conversions that every such file has: one at its input, one at its output."""


def advice(found: Why) -> str:
    """By the first of the known causes that is there, the costliest first."""
    if found.target == "tfjs":
        return f"{_in_pages(found)}{_how_to_time(found)}"
    causes = (_untaken, _in_float, _no_instruction, _crossings)
    said = [text for text in (cause(found) for cause in causes) if text]
    return said[0] if said else _by_the_roof(found)


def _in_pages(found: Why) -> str:
    """Of tfjs files, which store fewer bits than they compute with."""
    if found.bytes > 0.9 * found.weight_bytes:
        return "It stores float32 and computes in float32: only another model would be faster."
    return (
        f"tfjs stores {found.bytes / 1e6:.2f} MB, and a page that loads them makes "
        f"{found.weight_bytes / 1e6:.2f} MB of float32 of them, so fewer bits save "
        "download and no time: for faster eight bits in a page, ship tflite with LiteRT.js."
    )


def _how_to_time(found: Why) -> str:
    if found.ms is not None:
        return ""
    return (
        f" It is not timed: {found.untimed}. Where a browser is set up, this command times it "
        "in a page, and `convert run --runtimes tfjs-wasm-simd` keeps times in the report."
    )


def _untaken(found: Why) -> str:
    """Operators that XNNPACK leaves to the plain kernels."""
    groups = [group for group in found.untaken if not _converts(group)]
    moved, total = sum(group.bytes for group in groups), found.weight_bytes + found.activation_bytes
    macs = sum(group.macs for group in groups)
    if moved < _MUCH * total and macs < _MUCH * found.macs:
        return ""
    return (
        f"XNNPACK leaves {_named(groups)} to plain kernels, {macs / max(1, found.macs):.0%} of the "
        f"multiply-adds and {moved / max(1, total):.0%} of the bytes: write them as operators that "
        "it takes, or ship float16 instead."
    )


def _in_float(found: Why) -> str:
    """Multiply-adds of a file in eight bits that are not."""
    left = found.macs - found.macs_in_eight_bits
    if found.scheme != "uint8" or left <= _MUCH * found.macs:
        return ""
    groups = [group for group in found.groups if group.macs and not group.eight_bits]
    return (
        f"{left / found.macs:.0%} of the multiply-adds are still float32 ({_named(groups)}): "
        "quantize these too, or leave the whole file in float16."
    )


def _no_instruction(found: Why) -> str:
    """A processor that multiplies bytes no faster than floats."""
    gain = found.roof.byte_macs / found.roof.float_macs
    if found.scheme != "uint8" or gain >= 1.3:
        return ""
    has = any(name in INT8_DOT_PRODUCTS for name in instructions())
    reason = "although it has" if has else "for it lacks"
    return (
        f"One thread here multiplies bytes only {gain:.1f} times as fast as floats, {reason} "
        f"instructions such as {INT8_DOT_PRODUCTS[0]}: expect more on a processor that has them, "
        "and ship it for its size."
    )


def _crossings(found: Why) -> str:
    """What has no kernel in eight bits, with the turns to float32 and back around it."""
    if found.scheme != "uint8" or found.conversions <= _CROSSINGS:
        return ""
    left = [group for group in found.groups if not (group.eight_bits or _converts(group))]
    turns = [group for group in found.groups if _converts(group)]
    spent, total = _ms([*left, *turns]), _ms(found.groups)
    moved = sum(group.bytes for group in (*left, *turns))
    share = spent / total if total else moved / (found.weight_bytes + found.activation_bytes)
    if share < _MUCH or not left:
        return ""
    of = "the operators' time" if total else "the bytes"
    return (
        f"{_named(left)} stay in float32, and with the {found.conversions} conversions around "
        f"them take {share:.0%} of {of}: move them behind the "
        "model's end, into postprocessing, or use operators that have eight-bit kernels."
    )


def _ms(groups: Iterable[OpGroup]) -> float:
    return sum(group.ms or 0 for group in groups)


def _converts(group: OpGroup) -> bool:
    return group.kind.lower() in ("quantize", "dequantize", "quantizelinear", "dequantizelinear")


def _by_the_roof(found: Why) -> str:
    """What the roofs say, where no cause stands out."""
    paid = found.scheme == "uint8" and (found.ratio_to_float32 or 1) < _FASTER
    gained = f"eight bits have paid ({found.ratio_to_float32:.2f} of float32's time); " * paid
    if found.share >= _NEAR:
        scarce = "memory" if found.bound.memory_ms > found.bound.compute_ms else "multiply-adds"
        more = (
            "smaller activations (a lower resolution, fewer channels early on)"
            if scarce == "memory"
            else "fewer multiply-adds (a narrower model, a lower resolution)"
        )
        return _sentence(
            f"{gained}it runs at {min(1, found.share):.0%} of what this machine's roofs allow and "
            f"is bound by {scarce}: only {more} would make it faster."
        )
    slowest = _slowest(found)
    return _sentence(
        f"{gained}the roofs explain {found.share:.0%} of its time, and the rest is kernels that "
        f"do not reach them{slowest}: fewer, larger operators would help, other numbers would not."
    )


def _slowest(found: Why) -> str:
    """Where most of the time goes, if the runtime tells it; else the commonest kind."""
    timed = [group for group in found.groups if group.ms]
    if timed:
        one = max(timed, key=lambda group: group.ms or 0)
        return f" (most of it in {one.count} {one.kind})"
    small = [group for group in found.groups if "DEPTHWISE" in group.kind]
    return f" (such as {small[0].count} {small[0].kind})" if small else ""


def _named(groups: "tuple[OpGroup, ...] | list[OpGroup]") -> str:
    return ", ".join(f"{group.count} {group.kind}" for group in groups)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
