"""One model of the benchmark: its core, its reference, and what every peer is given."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert import recipes
from convert.graph.saved_model import write_saved_model
from convert.memo import Memo
from convert.pictures.prepare import prepare
from convert.pipeline.core import Core, core
from convert.pipeline.make import make
from convert.pipeline.measure import Baseline, observe_reference
from convert.pipeline.model import Model
from convert.pipeline.plan import Key, Options, plan
from convert.pipeline.settings import settings
from convert.pipeline.stoppable import Stoppable
from convert.pipeline.work import Work
from convert.progress import Silence
from convert.recipe import Recipe
from convert.stages.pull import pull
from convert.vocabulary import TARGETS, Target


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which model, and on how many pictures (None: all that its recipe says)."""

    recipe: str
    limit: int | None = None
    calibrate: int | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model whose core is proven and whose reference has been observed."""

    work: Work
    core: Core
    baseline: Baseline
    folder: Path
    """Below CONVERT_HOME/peers: what peers are given and what they make."""

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.work.plan.recipe

    def float32(self, target: Target) -> Model:
        """Our float32 file of a target, which its peers start from."""
        return make(self.work, self.core, Key(target=target, scheme="float32"))

    @property
    def saved_model(self) -> Path:
        """The core as a SavedModel, written once."""
        folder = self.folder / f"saved-{self.core.facts.sha256[:12]}"
        if not folder.exists():
            write_saved_model(self.core.graph, folder)
        return folder

    @property
    def calibration(self) -> Path:
        """A folder of the calibration pictures as the core reads them, float32 NHWC .npy files."""
        pictures, pre = self.work.plan.calibration, self.recipe.preprocessing
        read = [*self.work.plan.calibration_digests, pre.model_dump_json()]
        key = hashlib.sha256("".join(read).encode()).hexdigest()[:12]
        folder = self.folder / f"calibration-{key}"
        if not folder.exists():
            staging = folder.with_name(f".{folder.name}")
            staging.mkdir(parents=True, exist_ok=True)
            for place, sample in enumerate(pictures):
                np.save(staging / f"{place:04}.npy", prepare(sample.image, pre).tensor)
            staging.rename(folder)
        return folder


def open_work(choice: Choice, memo: Path | None = None) -> Work:
    """Plan a model and bring its file; `memo`: where finished work lies, if not where it does."""
    where = settings()
    recipe = recipes.load(recipes.find(choice.recipe))
    if choice.calibrate is not None:
        dataset = recipe.dataset.model_copy(update={"calibration_images": choice.calibrate})
        recipe = recipe.model_copy(update={"dataset": dataset})
    planned = plan(recipe, where, Options(targets=TARGETS, limit=choice.limit))
    pulled = pull(
        recipe, raw=where.raw, mirror=where.mirror, accepted=where.accepted, progress=Silence()
    )
    return Work(
        plan=planned,
        memo=Memo(memo or where.work / recipe.name),
        progress=Stoppable(Silence()),
        source=pulled,
    )


def open_subject(choice: Choice) -> Subject:
    """The model with its core and its reference, from convert's own memo or made."""
    work = open_work(choice)
    made = core(work)
    folder = shelf() / choice.recipe
    folder.mkdir(parents=True, exist_ok=True)
    return Subject(work=work, core=made, baseline=observe_reference(work, made), folder=folder)


def shelf() -> Path:
    """Where all lies that is made here: CONVERT_HOME/peers."""
    return (settings().home / "peers").resolve()
