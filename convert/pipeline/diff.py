"""Two published folders or model files: all that is not the same."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from convert.datasets.scenes import draw_scene
from convert.difference import Change, Difference, Figures, Layers, OpCount
from convert.errors import ConvertError, UsageError
from convert.manifest import Manifest
from convert.pictures.prepare import prepare
from convert.pipeline.figures import Published, evaluation, kept_figures, measured_figures
from convert.pipeline.settings import Settings
from convert.pipeline.side import Side, default_preprocessing, side
from convert.preprocessing import Preprocessing
from convert.progress import Progress
from convert.runtimes.reference import Picture
from convert.stages.diff import BOUND
from convert.stages.diff import diff as compare
from convert.traces.base import Trace
from convert.vocabulary import Record

_IMAGES = 4
"""Pictures that layers are compared on."""
_SEED = 20_180_129


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
    notes: list[str] = []
    figures = _figures(a, b, settings, dataset, limit, progress, notes)
    trace_a, own_a = a.opened(b.recipe)
    trace_b, own_b = b.opened(a.recipe)
    layers = _layers(
        (a, trace_a, own_a),
        (b, trace_b, own_b),
        settings,
        dataset,
        BOUND if bound is None else bound,
        progress,
        notes,
    )
    return Difference(
        a=a.record,
        b=b.record,
        figures=figures,
        changes=tuple(_changes(a, b, trace_a, trace_b)),
        ops=_ops(trace_a.ops, trace_b.ops, same_format=a.format == b.format),
        layers=layers,
        notes=tuple(notes),
        passed=bound is None or (layers is not None and layers.first_under is None),
    )


def _figures(
    a: Side,
    b: Side,
    settings: Settings,
    dataset: Path | None,
    limit: int | None,
    progress: Progress,
    notes: list[str],
) -> Figures | None:
    if not (a.manifest and b.manifest):
        notes.append("no figures: only published folders say what they are measured by")
        return None
    if a.manifest.recipe.metric != b.manifest.recipe.metric:
        notes.append(
            f"no figures: {a.manifest.recipe.metric} and {b.manifest.recipe.metric} do not compare"
        )
        return None
    anew = dataset is not None or limit is not None
    kept = None if anew else kept_figures(a.manifest, b.manifest, settings)
    if kept:
        return kept
    both = [
        Published(folder=one.given, manifest=m) for one, m in ((a, a.manifest), (b, b.manifest))
    ]
    try:
        return measured_figures(both[0], both[1], settings, dataset, limit, progress)
    except UsageError as error:
        notes.append(f"no figures: {error.message}")
        return None


def _layers(
    a: tuple[Side, Trace, Preprocessing | None],
    b: tuple[Side, Trace, Preprocessing | None],
    settings: Settings,
    dataset: Path | None,
    bound: float,
    progress: Progress,
    notes: list[str],
) -> Layers | None:
    pres = _preprocessings(a, b, notes)
    if pres is None:
        return None
    pictures, where = _pictures(a[0], b[0], pres[0], settings, dataset)
    fed = [(prepare(p, pres[0]).tensor, prepare(p, pres[1]).tensor) for p in pictures]
    return compare(a[1], b[1], fed, pictures=where, bound=bound, progress=progress)


def _preprocessings(
    a: tuple[Side, Trace, Preprocessing | None],
    b: tuple[Side, Trace, Preprocessing | None],
    notes: list[str],
) -> tuple[Preprocessing, Preprocessing] | None:
    """How each is fed: as its recipe says, or the other's, or its own file, or the default."""
    of_a, of_b = (one[0].recipe.preprocessing if one[0].recipe else None for one in (a, b))
    told = of_a or of_b or a[2] or b[2]
    assumed = None
    if told is None:
        assumed = default_preprocessing(a[1].input) or default_preprocessing(b[1].input)
        notes.append(
            "nothing says how the two are fed: pictures are stretched to their whole range"
        )
    pre = told or assumed
    if pre is None:
        notes.append("no layers: neither file has a fixed size, and no recipe says one")
        return None
    return of_a or pre, of_b or pre


def _pictures(
    a: Side, b: Side, pre: Preprocessing, settings: Settings, dataset: Path | None
) -> tuple[list[Picture], str]:
    """Of a recipe's evaluation split, or drawn ones where that is not here."""
    recipe = a.recipe or b.recipe
    if recipe:
        try:
            split = evaluation(recipe, settings, dataset, _IMAGES)
            found = [sample.image for sample in islice(split, _IMAGES)]
            return found, f"{recipe.dataset.kind} {recipe.dataset.evaluation}"
        except ConvertError:
            if dataset is not None:
                raise
    return [draw_scene(_SEED + i, *pre.size).image for i in range(_IMAGES)], "drawn by convert"


def _ops(a: Mapping[str, int], b: Mapping[str, int], *, same_format: bool) -> tuple[OpCount, ...]:
    names = sorted({*a, *b})
    counts = [OpCount(op=name, a=a.get(name, 0), b=b.get(name, 0)) for name in names]
    return tuple(one for one in counts if one.a != one.b or not same_format)


def _changes(a: Side, b: Side, trace_a: Trace, trace_b: Trace) -> Iterator[Change]:
    """What two manifests say differently; of other files, what they take."""
    if a.manifest and b.manifest:
        facts = _facts(a.manifest), _facts(b.manifest)
    else:
        facts = dict(_flat("input", trace_a.input)), dict(_flat("input", trace_b.input))
    for key in dict.fromkeys([*facts[0], *facts[1]]):
        values = [fact.get(key) for fact in facts]
        if values[0] != values[1]:
            yield Change(key=key, a=values[0], b=values[1])


def _facts(manifest: Manifest) -> dict[str, str]:
    recipe = manifest.recipe
    told = {
        "signature": manifest.artifact.signature,
        "preprocessing": recipe.preprocessing,
        "postprocessing": recipe.postprocessing,
        "labels": recipe.labels,
        "license": manifest.license,
        "lineage": manifest.lineage,
        "tools": manifest.tools,
        "convert_version": manifest.convert_version,
    }
    return {key: text for name, one in told.items() for key, text in _flat(name, one)}


def _flat(key: str, value: object) -> Iterator[tuple[str, str]]:
    """A record's leaves by their dotted keys; rows of plain values stay together."""
    if isinstance(value, Record):
        value = value.model_dump()
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{key}.{name}", inner)
    elif isinstance(value, tuple | list) and any(isinstance(one, dict) for one in value):
        for place, inner in enumerate(value):
            yield from _flat(f"{key}.{place}", inner)
    elif value is not None:
        yield key, str(value)
