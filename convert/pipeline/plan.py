"""Say it before doing it: every cheap check, before the first long job."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from convert.datasets import holds, open_split, root_of
from convert.datasets.base import Dataset
from convert.errors import UsageError
from convert.licensing import require_accepted
from convert.metrics import METRICS
from convert.pipeline.calibration import Calibrating, calibrating
from convert.pipeline.settings import Settings
from convert.recipe import Recipe, TargetChoice
from convert.report import Calibration
from convert.runtimes import BrowserRuntime, for_target, require_here
from convert.store import require_space
from convert.vocabulary import FURTHER_SCHEMES, Scheme, Target, schemes_of

_ROOM = 12
"""How many times the source's size a run may write: nine files, the core, what is published."""
_SOURCE_SIZE = 16 * 2**20


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line chooses for a run."""

    targets: tuple[Target, ...] | None = None
    schemes: tuple[Scheme, ...] | None = None
    dataset: Path | None = None
    calibration: str | None = None
    """A folder of pictures, or "none" for no pictures; None: the recipe's split."""
    limit: int | None = None
    force: bool = False
    jobs: int = 1
    mirror: str | None = None
    from_file: Path | None = None
    runtimes: tuple[BrowserRuntime, ...] = ()
    """Runtimes of the browser that every file is verified on, too."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which variant: a target and a scheme."""

    target: Target
    scheme: Scheme

    def __str__(self) -> str:
        return f"{self.target}-{self.scheme}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A run that may begin: what will be made, and what it will be measured on."""

    recipe: Recipe
    options: Options
    settings: Settings
    variants: tuple[Key, ...]
    calibration: Dataset
    calibration_facts: Calibration
    unreadable: tuple[str, ...]
    """Pictures of a folder that were to calibrate and cannot be read, a sentence for each."""
    evaluation: Dataset
    dataset: str
    """The evaluation split in words, such as `voc val`."""

    @cached_property
    def calibration_digests(self) -> tuple[str, ...]:
        """By content, in order."""
        return self.calibration.digests()

    @cached_property
    def evaluation_digests(self) -> tuple[str, ...]:
        """By content, in order."""
        return self.evaluation.digests()

    @property
    def mirror(self) -> str | None:
        """The mirror of the command line, or else of the environment."""
        return self.options.mirror or self.settings.mirror

    @property
    def out(self) -> Path:
        """Where this recipe's variants and report are published."""
        return self.settings.out / self.recipe.name


def plan(recipe: Recipe, settings: Settings, options: Options) -> Plan:
    """Check what can be checked quickly.

    Raises UsageError for an empty choice, a restricted license, a missing or overlapping
    dataset; ToolError where a runtime is missing; SourceError where the disk is full.
    """
    recipe = _measured(recipe, options.dataset)
    require_accepted(recipe.license, settings.accepted, recipe.folder)
    variants = _chosen(recipe, options)
    for target in dict.fromkeys(key.target for key in variants):
        require_here(for_target(target))
    for runtime in options.runtimes:
        require_here(runtime)
    chosen, evaluation = _splits(recipe, settings, options)
    require_space(
        settings.home, _ROOM * min(recipe.source.whole_bytes or _SOURCE_SIZE, _SOURCE_SIZE)
    )
    return Plan(
        recipe=recipe,
        options=options,
        settings=settings,
        variants=variants,
        calibration=chosen.pictures,
        calibration_facts=chosen.facts,
        unreadable=chosen.unreadable,
        evaluation=evaluation,
        dataset=f"{recipe.dataset.kind} {recipe.dataset.evaluation}",
    )


def _measured(recipe: Recipe, given: Path | None) -> Recipe:
    """The recipe as it is measured: against the truth, where the given dataset has it."""
    truth = recipe.against_truth
    if truth is None or given is None or not holds(truth.dataset, given):
        return recipe
    chosen = {"dataset": truth.dataset, "metric": truth.metric, "gates": truth.gates}
    return recipe.model_copy(update={**chosen, "against_truth": None})


def _chosen(recipe: Recipe, options: Options) -> tuple[Key, ...]:
    _require_schemes(options)
    keys = tuple(
        Key(target=target, scheme=scheme)
        for target, choice in recipe.targets.items()
        for scheme in _schemes(target, choice, options)
        if target in (options.targets or (target,))
    )
    if not keys:
        made = ", ".join(recipe.targets)
        raise UsageError(
            f"{recipe.name}: --targets and --schemes leave nothing to make",
            hint=f"The recipe makes {made}; `convert show {recipe.name}` shows its schemes.",
        )
    return keys


def _schemes(target: Target, choice: TargetChoice, options: Options) -> tuple[Scheme, ...]:
    """The recipe's; of those that the command line names, also what only it asks for."""
    if options.schemes is None:
        return choice.schemes
    there = (*choice.schemes, *FURTHER_SCHEMES.get(target, ()))
    return tuple(scheme for scheme in options.schemes if scheme in there)


def _require_schemes(options: Options) -> None:
    """Raise UsageError where --targets and --schemes name a pair that there is not."""
    for target in options.targets or ():
        for scheme in options.schemes or ():
            if scheme not in schemes_of(target):
                raise UsageError(
                    f"--schemes: {target} has no {scheme}",
                    hint=f"It has {', '.join(schemes_of(target))}.",
                )


def _splits(recipe: Recipe, settings: Settings, options: Options) -> tuple[Calibrating, Dataset]:
    choice = recipe.dataset
    mirror = options.mirror or settings.mirror
    root = root_of(choice, options.dataset, settings.datasets, mirror)
    # What is held against the reference alone needs no truth, and may have any.
    true = METRICS[recipe.metric].AGAINST == "truth"
    named = (recipe.classes, recipe.labels) if true else (None, None)
    evaluation = open_split(choice, choice.evaluation, root, options.limit, *named)
    return calibrating(choice, options.calibration, root, evaluation), evaluation
