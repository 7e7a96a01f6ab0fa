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
from convert.pipeline.eight_bits import eight_bits
from convert.pipeline.model import export
from convert.pipeline.plan import Key
from convert.pipeline.work import Work
from convert.quantizers.methods import ALL, Methods
from convert.signature import Signature

Job = dict[str, Any]


def main() -> None:
    """Write the file beside the job, and `signature.json`."""
    asked = Path(sys.argv[1])
    job, folder = json.loads(asked.read_text()), asked.parent
    work = open_work(Choice(**job["choice"]), Path(job["memo"]))
    if job["channel_scales"]:
        recipe = work.plan.recipe
        recipe.targets["tfjs"] = recipe.targets["tfjs"].model_copy(update={"channel_scales": True})
    signature = _made(work, job, folder)
    (folder / "signature.json").write_text(signature.model_dump_json())


def _made(work: Work, job: Job, folder: Path) -> Signature:
    """By all methods, or with some left out."""
    found, key = core(work), Key(target=job["target"], scheme="uint8")
    methods = Methods(**job["methods"]) if job["methods"] else ALL
    made = export(work, found, key, eight_bits(work, found, key, methods=methods))
    target = folder / made.path.name
    if made.path.is_dir():
        shutil.copytree(made.path, target)
    else:
        shutil.copyfile(made.path, target)
    return made.facts.signature


if __name__ == "__main__":
    main()
