"""What a target is asked to write: one variant of a recipe's core."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from convert.pictures.prepare import prepare
from convert.pipeline.core import Core
from convert.pipeline.decided import EightBits
from convert.pipeline.plan import Key
from convert.pipeline.work import Work
from convert.targets.base import Export, Metadata


def export_job(work: Work, core: Core, key: Key, eight: EightBits | None) -> Export:
    """One variant's file; `eight` is what was decided for it."""
    return Export(
        core=eight.graph if eight else core.graph,
        scheme=key.scheme,
        layout=work.plan.recipe.targets[key.target].layout,
        metadata=metadata(work, key),
        calibration=calibration(work, str(key)),
        decisions=eight.decisions if eight else None,
        storage=eight.storage if eight else None,
    )


def calibration(work: Work, label: str) -> Callable[[], Iterator[NDArray[np.float32]]]:
    """Streams the calibration split as the model reads it, counting the pictures."""
    pictures, pre = work.plan.calibration, work.plan.recipe.preprocessing

    def stream() -> Iterator[NDArray[np.float32]]:
        with work.progress.count(f"{label} calibrate", len(pictures), "pictures") as tick:
            for sample in pictures:
                yield prepare(sample.image, pre).tensor
                tick()

    return stream


def metadata(work: Work, key: Key) -> Metadata:
    """What the file says of itself."""
    recipe = work.plan.recipe
    return Metadata(
        name=f"{recipe.name} {key}",
        description=recipe.title,
        license=recipe.license.id,
        labels=recipe.labels,
        preprocessing=recipe.preprocessing,
        postprocessing=recipe.postprocessing,
    )
