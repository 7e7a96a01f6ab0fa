"""What diff found between two models, as people read it."""

from rich.markup import escape

from convert.difference import Difference, Figures, LayerDifference, Layers
from convert.render.console import err, out, print_json, show, table

_MOST = 12
"""Rows of layers and of weights; --json has all."""
_NAME = 36


def show_difference(found: Difference, as_json: bool) -> None:
    """Figures, then what was changed, then where layers part."""
    if as_json:
        print_json(found)
        return
    for letter, one in (("A", found.a), ("B", found.b)):
        _line(f"[bold]{letter}[/bold]  {escape(one.path)}  {one.format}, {one.bytes:,} bytes")
    for note in found.notes:
        err().print(escape(note), soft_wrap=True)
    if found.figures:
        _figures(found.figures)
    _changes(found)
    _ops(found)
    if found.layers:
        _layers(found.layers)
    _line(f"\n{_verdict(found)}")


def _line(text: str) -> None:
    out().print(text, soft_wrap=True)


def _figures(found: Figures) -> None:
    kept = "kept by the run" if found.kept else "measured anew"
    against = {"a": "B held against A", "truth": "held against the truth"}
    how = against.get(found.against, "held against the reference")
    _line(f"\n[bold]Figures[/bold]  {found.images} pictures of {found.dataset}, {kept}, {how}")
    made = table("figure", "A", "B", "drop", "95 % interval", right=("A", "B", "drop"))
    for one in found.figures:
        between = one.drop_ci95 and f"{one.drop_ci95[0]:+.4f} to {one.drop_ci95[1]:+.4f}"
        values = (f"{one.a:.4f}", f"{one.b:.4f}", f"{one.drop:+.4f}")
        made.add_row(one.name, *values, between or "")
    show(made)


def _changes(found: Difference) -> None:
    if found.changes:
        _line("\n[bold]Changed[/bold]")
        made = table("what", "A", "B")
        for one in found.changes:
            made.add_row(escape(one.key), *(escape(_short(v or "", 28)) for v in (one.a, one.b)))
        show(made)


def _ops(found: Difference) -> None:
    if found.ops:
        _line("\n[bold]Operators[/bold]")
        made = table("operator", "A", "B", right=("A", "B"))
        for one in found.ops:
            made.add_row(one.op, str(one.a or ""), str(one.b or ""))
        show(made)


def _layers(found: Layers) -> None:
    _line(
        f"\n[bold]Layers[/bold]  {len(found.layers)} that both compute, on {found.images} pictures "
        f"({found.pictures}); {found.only_a} only in A, {found.only_b} only in B"
    )
    figures = ("cosine", "rescaled", "SNR dB", "max error", "of")
    made = table("layer of A", "operator", *figures, right=figures)
    for one in _worst(found):
        mark = "[red]" if one.cosine_rescaled < found.bound else ""
        made.add_row(f"{mark}{escape(_short(one.a, _NAME))}", _short(one.op_b, 17), *_cells(one))
    show(made)
    if found.weights and found.weights[0].moved:
        _line("\n[bold]Weights moved most[/bold]  in parts of their norm")
        moved = table("layer of A", "values", "moved", "max error", right=("values", "moved"))
        for weight in found.weights[:_MOST]:
            cells = (f"{weight.values:,}", f"{weight.moved:.4f}", f"{weight.max_error:.3g}")
            moved.add_row(escape(_short(weight.layer, _NAME)), *cells)
        show(moved)


def _worst(found: Layers) -> list[LayerDifference]:
    """The first under the bound, and those with the least cosines, in order of computation."""
    chosen = sorted(
        found.layers, key=lambda one: (one.a != found.first_under, one.cosine_rescaled)
    )[:_MOST]
    return [one for one in found.layers if one in chosen]


def _cells(one: LayerDifference) -> tuple[str, ...]:
    snr = "equal" if one.snr_db is None else f"{one.snr_db:.1f}"
    rescaled = f"{one.cosine_rescaled:.5f}"
    return f"{one.cosine:.5f}", rescaled, snr, f"{one.max_error:.3g}", f"{one.largest:.3g}"


def _short(text: str, most: int) -> str:
    """The first of a fused layer's names, and the end of what is long."""
    first = text.split(";")[0]
    return first if len(first) <= most else f"…{first[1 - most :]}"


def _verdict(found: Difference) -> str:
    layers = found.layers
    if layers is None:
        return "layers were not compared"
    if layers.first_under is None:
        return f"[green]no layer has a cosine under {layers.bound:g}[/green]"
    first = escape(_short(layers.first_under, 2 * _NAME))
    return f"[red]the first layer with a cosine under {layers.bound:g} is {first}[/red]"
