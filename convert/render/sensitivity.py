"""What eight bits cost in each layer and tensor, as a table and as a picture."""

from pathlib import Path

from convert.render.console import err, out, print_json, show, table
from convert.report import Harm, Ranking

_SHOWN = 15
_DRAWN = 25


def show_ranking(found: Ranking, as_json: bool) -> None:
    """The worst layers and tensors on stdout; all of them as JSON."""
    if as_json:
        print_json(found)
        return
    for title, harms in _kinds(found):
        made = table(title, "op", found.unit, "divergence", right=(found.unit, "divergence"))
        for one in harms[:_SHOWN]:
            made.add_row(one.name, one.op, f"{one.disagreement:.3%}", f"{one.divergence:.3g}")
        show(made)
        left = len(harms) - _SHOWN
        out().print(f"and {left} more, with less\n" if left > 0 else "")
    out().print(
        f"each alone in eight bits, all else in float, over {found.pictures} calibration pictures",
        soft_wrap=True,
    )


def draw(found: Ranking, title: str, file: Path) -> None:
    """Bars for the worst of each kind, into an .svg or .png file."""
    import matplotlib as mpl

    mpl.use("Agg")
    # The same ranking gives the same bytes.
    mpl.rcParams["svg.hashsalt"] = "convert"
    from matplotlib import pyplot

    kinds = _kinds(found)
    rows = max(min(len(harms), _DRAWN) for _, harms in kinds)
    size = (7 * len(kinds), 1.5 + 0.22 * rows)
    figure, axes = pyplot.subplots(1, len(kinds), figsize=size, squeeze=False)
    for (kind, harms), axis in zip(kinds, axes[0], strict=True):
        worst = harms[:_DRAWN][::-1]
        axis.barh([_short(one.name) for one in worst], [100 * one.disagreement for one in worst])
        axis.set_title(kind)
        axis.set_xlabel(f"{found.unit}, %")
        axis.tick_params(axis="y", labelsize=7)
    figure.suptitle(f"{title}: each alone, over {found.pictures} pictures")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
    pyplot.close(figure)
    err().print(f"drawn in {file}", soft_wrap=True)


def _kinds(found: Ranking) -> list[tuple[str, tuple[Harm, ...]]]:
    kinds = [("weights of", found.weights), ("activations of", found.activations)]
    return [(title, harms) for title, harms in kinds if harms]


def _short(name: str) -> str:
    """The end of a long name, which tells it from others."""
    return name if len(name) <= 48 else f"…{name[-47:]}"
