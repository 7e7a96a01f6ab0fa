"""Where a published file's time goes."""

from collections.abc import Sequence

from convert.audit.words import size
from convert.render.console import out, print_json, show, table
from convert.stages.why import OpGroup, Why


def show_whys(found: Sequence[Why], as_json: bool) -> None:
    """For each file: its work, who runs it, the roofline, and one sentence of advice."""
    if as_json:
        print_json([{**one.model_dump(), "share_of_roof": one.share} for one in found])
        return
    for one in found:
        _show(one)


def _show(one: Why) -> None:
    ratio = f", {one.ratio_to_float32:.2f} of float32" if one.ratio_to_float32 else ""
    if one.target == "tfjs":
        took = f"{one.ms:.2f} ms with one thread{ratio}. " if one.ms else ""
        where = f"[bold]{one.variant}[/bold] on {one.runtime}"
        out().print(f"{where}: {took}{one.advice}\n", soft_wrap=True)
        return
    roof, bound = one.roof, one.bound
    moved = one.weight_bytes + one.activation_bytes
    out().print(
        f"[bold]{one.variant}[/bold] on {one.runtime}: {one.ms:.2f} ms with one thread{ratio}, "
        f"load {one.load or 0:.1f}\n"
        f"  work      {one.macs / 1e6:,.0f} M multiply-adds, "
        f"{one.macs_in_eight_bits / max(1, one.macs):.0%} in eight bits; "
        f"{size(one.weight_bytes)} of weights and {size(one.activation_bytes)} of activations "
        f"moved, {one.macs / max(1, moved):.1f} multiply-adds a byte\n"
        f"  roofs     {roof.float_macs:.0f} (float32) and {roof.byte_macs:.0f} (bytes) · 10⁹ "
        f"multiply-adds/s, {roof.bandwidth:.0f} GB/s on {size(roof.buffer_bytes)}\n"
        f"  at least  {bound.least_ms:.2f} ms ({bound.compute_ms:.2f} multiplying, "
        f"{bound.memory_ms:.2f} moving): {one.share:.0%} of its time\n",
        soft_wrap=True,
    )
    timed = any(group.ms is not None for group in one.groups)
    figures = ("count", "M mult-adds", "moved", *(("ms",) if timed else ()))
    made = table("operator", *figures, "bits", "run by", right=figures)
    for group in one.groups:
        made.add_row(*_cells(group, one.runtime, timed))
    show(made)
    turns = f"{one.conversions} conversions between number formats. "
    out().print(
        f"\n  {turns if one.conversions else ''}[bold]{one.advice}[/bold]\n", soft_wrap=True
    )


def _cells(group: OpGroup, runtime: str, timed: bool) -> list[str]:
    fast = "XNNPACK" if runtime == "litert" else runtime
    return [
        group.kind,
        str(group.count),
        f"{group.macs / 1e6:,.1f}" if group.macs else "",
        size(group.bytes),
        *([f"{group.ms:.2f}" if group.ms is not None else ""] if timed else []),
        "8" if group.eight_bits else "float",
        fast if group.taken else "[yellow]plain kernels[/]",
    ]
