"""What earlier runs saw on each picture, found again by the digests in the memo."""

import json
from pathlib import Path

from convert.datasets import open_split, root_of
from convert.errors import SourceError, UnsupportedError
from convert.machine import cores
from convert.memo import Memo, Parts
from convert.metrics import METRICS
from convert.observations import Observations
from convert.pipeline.measure import LABELS, SEEN
from convert.pipeline.model import FACTS, ModelFacts
from convert.pipeline.settings import Settings
from convert.pipeline.work import read_record
from convert.recipe import Recipe
from convert.report import Variant
from convert.runtimes import for_target, require_here
from convert.stages.verify import predictor
from convert.stages.worst import Worst, answer_of, choose, worst
from convert.targets import TARGETS

_PARTS = "parts.json"


def worst_of(
    recipe: Recipe, variant: Variant, settings: Settings, dataset: Path | None, count: int
) -> tuple[Worst, ...]:
    """The pictures on which a variant loses most, run again on its own runtime.

    Raises SourceError where the run's observations or its very pictures are no longer here,
    UnsupportedError where its answers are nothing that can be drawn.
    """
    answer = answer_of(recipe)
    if answer is None:
        raise UnsupportedError("its answers are tensors, which are not drawn")
    memo = Memo(settings.work / recipe.name)
    parts = _parts(memo, variant)
    seen = memo.recall(f"{variant.target}-{variant.scheme}-seen", parts)
    base_parts = parts["reference"]
    base = memo.recall("reference", base_parts) if isinstance(base_parts, dict) else None
    if seen is None or base is None or not isinstance(base_parts, dict):
        raise _gone(recipe, "what it saw on each picture is no longer in models/work")
    recipe = _as_measured(recipe, base_parts)
    metric = METRICS[recipe.metric]
    observed = Observations.load(base / SEEN), Observations.load(seen / SEEN)
    places = choose(metric, *observed, count)
    choice = recipe.dataset
    root = root_of(choice, dataset, settings.datasets, settings.mirror)
    split = open_split(choice, choice.evaluation, root, len(observed[0].agreed))
    same = [split.first(at + 1).digests()[-1] for at in places]
    if same != [base_parts["pictures"][at] for at in places]:
        raise _gone(recipe, f"the pictures of {root} are not those that were measured")
    facts, path = _file(memo.root, recipe, variant)
    runtime = for_target(variant.target)
    require_here(runtime)
    session = runtime.open_session(path, facts.signature, cores())
    predict = predictor(
        session, facts.signature.inputs[0].name, recipe.preprocessing, recipe.postprocessing
    )
    return worst(predict, split, base / LABELS, metric, *observed, places, answer)


def _as_measured(recipe: Recipe, reference: Parts) -> Recipe:
    """With the truth's dataset and metric, where it is these that were measured."""
    truth = recipe.against_truth
    if reference["metric"] == recipe.metric or truth is None:
        return recipe
    return recipe.model_copy(update={"dataset": truth.dataset, "metric": truth.metric})


def _parts(memo: Memo, variant: Variant) -> Parts:
    """What decided the latest observations of this very file."""
    found = sorted(
        memo.root.glob(f"{variant.target}-{variant.scheme}-seen-*/{_PARTS}"),
        key=lambda path: -path.stat().st_mtime,
    )
    for path in found:
        parts = json.loads(path.read_bytes())
        if parts.get("model") == variant.sha256:
            return dict(parts)
    raise SourceError("what it saw on each picture is not in models/work (`convert run` keeps it)")


def _file(root: Path, recipe: Recipe, variant: Variant) -> tuple[ModelFacts, Path]:
    """The file as it was exported, also where it was refused."""
    for path in root.glob(f"{variant.target}-{variant.scheme}-*/{FACTS}"):
        facts = read_record(path.parent, FACTS, ModelFacts)
        if facts.sha256 == variant.sha256:
            return facts, path.parent / TARGETS[variant.target].FILE
    raise _gone(recipe, "its file is no longer in models/work")


def _gone(recipe: Recipe, why: str) -> SourceError:
    return SourceError(why, hint=f"`convert run {recipe.name}` makes it again.")
