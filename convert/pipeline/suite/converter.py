"""The file that tensorflowjs_converter writes from a recipe's frozen graph, to be measured by."""

from pathlib import Path

from convert.errors import SourceError
from convert.graph.discover.leftovers import settled
from convert.graph.graph import Graph
from convert.memo import Memo, code_digest, versions
from convert.pipeline.core import ends
from convert.pipeline.settings import Settings
from convert.pipeline.work import read_record, write_record
from convert.progress import Progress
from convert.recipe import Recipe
from convert.signature import Signature
from convert.sources import SOURCES
from convert.stages.cut import cut
from convert.stages.pull import pulled
from convert.store import digest_file
from convert.targets import TARGETS
from convert.targets.base import Export, Metadata

_SIGNATURE = "signature.json"


def converters_file(
    recipe: Recipe, settings: Settings, memo: Memo, progress: Progress
) -> tuple[Path, Signature]:
    """What tensorflowjs makes of the graph between the ends of the cut, without a pass of ours.

    Raises SourceError where the graph is not here, and what cutting and writing raise.
    """
    source = pulled(recipe, settings.raw)
    if source is None:
        raise SourceError(
            f"the graph of {recipe.name} is not here", hint=f"`convert pull {recipe.name}`."
        )
    parts = {
        "source": digest_file(source),
        "cut": recipe.cut.model_dump(),
        "size": recipe.preprocessing.size,
        "tools": versions(("tensorflow", "tensorflowjs")),
        "code": code_digest("graph", "sources", "targets/tfjs.py"),
    }

    def make(folder: Path) -> None:
        progress.say(f"tensorflowjs_converter: {recipe.name}")
        signature = TARGETS["tfjs"].export(in_float(recipe, _as_cut(recipe, source)), folder)
        write_record(folder, _SIGNATURE, signature)

    folder = memo.once("converter", parts, make)
    return folder / TARGETS["tfjs"].FILE, read_record(folder, _SIGNATURE, Signature)


def _as_cut(recipe: Recipe, source: Path) -> Graph:
    """The graph between the cut's ends, as its authors left it."""
    names = recipe.cut
    original = settled(SOURCES[recipe.source.format].read(source), names.original_input)
    return cut(original, ends(names, recipe.preprocessing), recipe.preprocessing.size)["cut"]


def in_float(recipe: Recipe, graph: Graph) -> Export:
    """A file of any graph of a recipe's, as it is."""
    metadata = Metadata(
        name=recipe.name,
        description=recipe.title,
        license=recipe.license.id,
        labels=recipe.labels,
        preprocessing=recipe.preprocessing,
        postprocessing=recipe.postprocessing,
    )
    return Export(
        core=graph,
        scheme="float32",
        layout="NHWC",
        metadata=metadata,
        calibration=lambda: iter(()),
    )
