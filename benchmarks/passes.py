"""How much faster the exported float32 files are for the passes on the core graph.

Writes each target's file twice, from the cut as it is and from the core after all passes, and
times both in the same interleaved rounds. The ratio is the median over the rounds.
"""

import argparse
import tempfile
from pathlib import Path

from convert import recipes
from convert.graph.graph import Graph
from convert.pipeline.settings import settings
from convert.progress import Silence
from convert.runtimes import for_target
from convert.runtimes.reference import Ends
from convert.sources import SOURCES
from convert.stages.bench import BenchJob, Outcome, bench
from convert.stages.cut import cut
from convert.stages.pull import pull
from convert.targets import TARGETS
from convert.targets.base import Export, Metadata
from convert.vocabulary import Target


def main() -> None:
    """Print one line a target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="deeplab-shapes")
    name = parser.parse_args().recipe
    steps = list(_steps(name).values())
    print(f"{name}: float32, 1 thread, p50 ms")
    for target in ("tflite", "onnx"):
        before, after = _timed(name, target, steps[0], steps[-1])
        print(f"{target}: {before:.2f} as cut, {after:.2f} after the passes: {after / before:.2f}")


def _steps(name: str) -> dict[str, Graph]:
    recipe, where = recipes.load(recipes.find(name)), settings()
    pulled = pull(recipe, raw=where.raw, mirror=where.mirror, progress=Silence())
    names = recipe.cut
    ends = Ends(
        original_input=str(names.original_input),
        original_output=str(names.original_output),
        start=str(names.input),
        end=str(names.output),
        input_name=names.input_name,
        output_name=names.output_name,
        resized_outside=names.resized_outside,
    )
    original = SOURCES[recipe.source.format].read(pulled.path)
    return dict(cut(original, ends, recipe.preprocessing.size))


def _timed(name: str, target: Target, before: Graph, after: Graph) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [
            _job(name, target, graph, key, Path(scratch, key))
            for key, graph in (("before", before), ("after", after))
        ]
        found = bench(jobs, threads=[1], progress=Silence())
    return _p50(found["before", 1]), _p50(found["after", 1])


def _job(name: str, target: Target, graph: Graph, key: str, folder: Path) -> BenchJob:
    recipe = recipes.load(recipes.find(name))
    folder.mkdir()
    export = Export(
        core=graph,
        scheme="float32",
        layout=recipe.targets[target].layout,
        metadata=Metadata(
            name=key,
            description=recipe.title,
            license=recipe.license.id,
            labels=recipe.labels,
            preprocessing=recipe.preprocessing,
            postprocessing=recipe.postprocessing,
        ),
        calibration=lambda: iter(()),
    )
    signature = TARGETS[target].export(export, folder)
    return BenchJob(
        key=key,
        runtime=for_target(target).NAME,
        scheme="float32",
        path=folder / TARGETS[target].FILE,
        signature=signature,
    )


def _p50(outcome: Outcome) -> float:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome.p50_ms


if __name__ == "__main__":
    main()
