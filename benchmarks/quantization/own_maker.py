"""Makes one of our eight-bit files by convert's own pipeline, in a process that is measured.

Run as `python -m benchmarks.quantization.own_maker JOB`.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.quantization.subject import Choice, open_work
from convert.pipeline.core import core
from convert.pipeline.eight_bits import calibration, decided
from convert.pipeline.model import export
from convert.pipeline.plan import Key
from convert.pipeline.work import Work
from convert.quantizers.methods import Methods
from convert.quantizers.store_kernels import store_kernels
from convert.recipe import Recipe
from convert.signature import Signature
from convert.targets import TARGETS
from convert.targets.base import Export, Metadata

Job = dict[str, Any]


def main() -> None:
    """Write the file beside the job, and `signature.json`."""
    asked = Path(sys.argv[1])
    job, folder = json.loads(asked.read_text()), asked.parent
    work = open_work(Choice(**job["choice"]), Path(job["memo"]))
    if job["methods"] is None:
        signature = _by_pipeline(work, job, folder)
    else:
        signature = _by_methods(work, job, Methods(**job["methods"]), folder)
    (folder / "signature.json").write_text(signature.model_dump_json())


def _by_pipeline(work: Work, job: Job, folder: Path) -> Signature:
    if job["channel_scales"]:
        recipe = work.plan.recipe
        recipe.targets["tfjs"] = recipe.targets["tfjs"].model_copy(update={"channel_scales": True})
    made = export(work, core(work), Key(target=job["target"], scheme="uint8"))
    target = folder / made.path.name
    if made.path.is_dir():
        shutil.copytree(made.path, target)
    else:
        shutil.copyfile(made.path, target)
    return made.facts.signature


def _by_methods(work: Work, job: Job, methods: Methods, folder: Path) -> Signature:
    """With some methods left out, of which the pipeline knows nothing."""
    made, target = core(work), TARGETS[job["target"]]
    pictures = calibration(work, "ablation")
    if job["target"] == "tfjs":
        scales = job["channel_scales"]
        stored = store_kernels(made.graph, pictures, channel_scales=scales, methods=methods)
        graph, storage, decisions = stored.graph, stored.storage, None
    else:
        found = decided(work, made, methods)
        graph, storage, decisions = found.graph, None, found.decisions
    asked = Export(
        core=graph,
        scheme="uint8",
        layout=work.plan.recipe.targets[job["target"]].layout,
        metadata=_metadata(work.plan.recipe),
        calibration=pictures,
        storage=storage,
        decisions=decisions,
    )
    return target.export(asked, folder)


def _metadata(recipe: Recipe) -> Metadata:
    return Metadata(
        name=recipe.name,
        description=recipe.title,
        license=recipe.license.id,
        labels=recipe.labels,
        preprocessing=recipe.preprocessing,
        postprocessing=recipe.postprocessing,
    )


if __name__ == "__main__":
    main()
