"""How much faster a tfjs file is for the passes on the core graph, in tfjs's own wasm backend.

Writes the float32 file from the cut as it is, which is what tensorflowjs_converter makes of the
source, and from the core after all passes, and times both in one run under Node (SIMD, 1 thread).
Set up once with `npm install --ignore-scripts` in this folder.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from convert import recipes
from convert.graph.graph import Graph
from convert.pipeline.core import ends
from convert.pipeline.settings import settings
from convert.pipeline.suite.converter import in_float
from convert.progress import Silence
from convert.recipe import Recipe
from convert.sources import SOURCES
from convert.stages.cut import cut
from convert.stages.pull import pull
from convert.targets import tfjs

_HERE = Path(__file__).parent


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="deeplab-shapes")
    recipe = recipes.load(recipes.find(parser.parse_args().recipe))
    steps = list(_steps(recipe).values())
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch, name) for name in ("cut", "core")]
        for folder, graph in zip(folders, (steps[0], steps[-1]), strict=True):
            folder.mkdir()
            tfjs.export(in_float(recipe, graph), folder)
        shape = json.dumps([1, *recipe.preprocessing.size, 3])
        paths = [str(folder / tfjs.FILE) for folder in folders]
        command = ["node", "measure.js", shape, *paths]
        told = subprocess.run(command, cwd=_HERE, check=True, capture_output=True, text=True)
    before, after = (median(times) for times in json.loads(told.stdout.splitlines()[-1]))
    print(f"{recipe.name}: {before:.1f} ms as cut, {after:.1f} ms after the passes: ", end="")
    print(f"{before / after:.1f} times faster")


def _steps(recipe: Recipe) -> dict[str, Graph]:
    where, pre = settings(), recipe.preprocessing
    pulled = pull(recipe, raw=where.raw, mirror=where.mirror, progress=Silence())
    original = SOURCES[recipe.source.format].read(pulled.path)
    return dict(cut(original, ends(recipe.cut, pre), pre.size))


if __name__ == "__main__":
    main()
