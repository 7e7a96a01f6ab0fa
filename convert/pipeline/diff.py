"""Two published folders or model files: all that is not the same."""

from itertools import islice
from pathlib import Path

from convert.datasets.scenes import draw_scene
from convert.difference import Difference, Figures, Layers
from convert.errors import ConvertError, UsageError
from convert.pictures.prepare import prepare
from convert.pipeline.changes import changes, op_counts
from convert.pipeline.figures import (
    Pictures,
    Published,
    evaluation,
    kept_figures,
    measured_figures,
)
from convert.pipeline.settings import Settings
from convert.pipeline.side import Opened, Side, default_preprocessing, side
from convert.preprocessing import Preprocessing
from convert.progress import Progress
from convert.runtimes.reference import Picture
from convert.stages.diff import BOUND
from convert.stages.diff import diff as compare

_IMAGES = 4
"""Pictures that layers are compared on."""
_SEED = 20_180_129
Notes = list[str]


def diff(
    path_a: Path,
    path_b: Path,
    settings: Settings,
    *,
    dataset: Path | None = None,
    limit: int | None = None,
    bound: float | None = None,
    progress: Progress,
) -> Difference:
    """Compare two; `bound` is the cosine that every layer must reach for it to pass.

    Raises what reading and running the two raises; what cannot be compared for another reason is
    told in the notes.
    """
    a, b = side(path_a), side(path_b)
    wanted = Pictures(settings=settings, dataset=dataset, limit=limit)
    notes: Notes = []
    figures = _figures(a, b, wanted, progress, notes)
    opened = a.opened(b.recipe), b.opened(a.recipe)
    layers = _layers(*opened, wanted, BOUND if bound is None else bound, progress, notes)
    return Difference(
        a=a.record,
        b=b.record,
        figures=figures,
        changes=tuple(changes(*opened)),
        ops=op_counts(*opened),
        layers=layers,
        notes=tuple(notes),
        passed=bound is None or (layers is not None and layers.first_under is None),
    )


def _figures(
    a: Side, b: Side, wanted: Pictures, progress: Progress, notes: Notes
) -> Figures | None:
    if not (a.manifest and b.manifest):
        notes.append("no figures: only published folders say what they are measured by")
        return None
    metrics = a.manifest.recipe.metric, b.manifest.recipe.metric
    if metrics[0] != metrics[1]:
        notes.append(f"no figures: {metrics[0]} and {metrics[1]} do not compare")
        return None
    anew = wanted.dataset is not None or wanted.limit is not None
    kept = None if anew else kept_figures(a.manifest, b.manifest, wanted.settings)
    if kept:
        return kept
    both = (
        Published(folder=a.given, manifest=a.manifest),
        Published(folder=b.given, manifest=b.manifest),
    )
    try:
        return measured_figures(*both, wanted, progress)
    except UsageError as error:
        if anew:
            raise
        notes.append(f"no figures: {error.message}")
        return None


def _layers(
    a: Opened, b: Opened, wanted: Pictures, bound: float, progress: Progress, notes: Notes
) -> Layers | None:
    pres = _preprocessings(a, b, notes)
    if pres is None:
        return None
    pictures, which = _pictures(a.side, b.side, pres[0], wanted)
    fed = [(prepare(p, pres[0]).tensor, prepare(p, pres[1]).tensor) for p in pictures]
    return compare(a.trace, b.trace, fed, pictures=which, bound=bound, progress=progress)


def _preprocessings(
    a: Opened, b: Opened, notes: Notes
) -> tuple[Preprocessing, Preprocessing] | None:
    """How each is fed: as its recipe says, or the other's, or a file itself, or the default."""
    of_a, of_b = (one.side.recipe.preprocessing if one.side.recipe else None for one in (a, b))
    told = of_a or of_b or a.told or b.told
    if told is None:
        told = default_preprocessing(a.trace.input) or default_preprocessing(b.trace.input)
        notes.append("nothing says how the two are fed: pictures fill the range of the input")
    if told is None:
        notes.append("no layers: neither file has a fixed size, and no recipe says one")
        return None
    return of_a or told, of_b or told


def _pictures(a: Side, b: Side, pre: Preprocessing, wanted: Pictures) -> tuple[list[Picture], str]:
    """Of a recipe's evaluation split, or drawn ones where that is not here; and which, in words."""
    recipe = a.recipe or b.recipe
    if recipe:
        try:
            split = evaluation(recipe, wanted, most=_IMAGES)
            found = [sample.image for sample in islice(split, _IMAGES)]
            return found, f"{recipe.dataset.kind} {recipe.dataset.evaluation}"
        except ConvertError:
            if wanted.dataset is not None:
                raise
    return [draw_scene(_SEED + i, *pre.size).image for i in range(_IMAGES)], "drawn by convert"
