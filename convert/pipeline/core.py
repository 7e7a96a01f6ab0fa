"""The core of a recipe's graph: found, cut, passed on and proven, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from convert.errors import UsageError
from convert.graph.carry_ranges import carry_ranges
from convert.graph.cut import renamed
from convert.graph.discover.leftovers import settled
from convert.graph.fake_quant import Range
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.memo import code_digest, versions
from convert.pipeline.work import Work, read_record, write_record
from convert.preprocessing import Preprocessing
from convert.recipe import Cut
from convert.report import CutProof
from convert.runtimes.reference import Ends, Reference
from convert.sources import SOURCES
from convert.sources.ranges import known_ranges
from convert.stages.cut import cut
from convert.stages.inspect import inspect
from convert.stages.prove import prove
from convert.store import digest_file, write_bytes
from convert.vocabulary import Record

PROOF_IMAGES = 8
_FILE, _FACTS, _RANGES = "core.pb", "core.json", "ranges.json"


class CoreFacts(Record):
    """What is known of a core."""

    sha256: str
    cut: Cut
    """With every name filled in."""
    proof: CutProof


class KnownRanges(Record):
    """What the source knows of the core's activations."""

    ranges: dict[str, Range]
    """Node of the core -> its least and largest value."""


@dataclass(frozen=True, kw_only=True)
class Core:
    """The float32 graph that every target is written from."""

    path: Path
    facts: CoreFacts

    @cached_property
    def graph(self) -> Graph:
        """Read it (imports TensorFlow)."""
        graph_def = tensorflow().compat.v1.GraphDef()
        graph_def.ParseFromString(self.path.read_bytes())
        return Graph(graph_def=graph_def, inputs=self.inputs, outputs=self.outputs)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs."""
        return (self.facts.cut.input_name,)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs."""
        return tuple(self.facts.cut.ends)

    @cached_property
    def ranges(self) -> Mapping[str, Range]:
        """Node -> least and largest value, as a source in eight bits knows them; else empty."""
        return read_record(self.path.parent, _RANGES, KnownRanges).ranges


def core(work: Work) -> Core:
    """Cut the source's graph, pass it on and prove it, unless that was done."""
    recipe = work.plan.recipe
    parts = {
        "source": work.source.sha256,
        "cut": recipe.cut.model_dump(),
        "preprocessing": recipe.preprocessing.model_dump(),
        "postprocessing": recipe.postprocessing.model_dump(),
        "pictures": work.plan.calibration_digests[:PROOF_IMAGES],
        "tools": versions(("tensorflow", "numpy", "pillow")),
        "code": code_digest("graph", "sources", "pictures", "stages"),
    }
    folder = work.memo.once("core", parts, lambda scratch: _make(work, scratch))
    return Core(path=folder / _FILE, facts=read_record(folder, _FACTS, CoreFacts))


def original(work: Work, names: Cut) -> Graph:
    """The uncut graph, with its training switches off."""
    read = SOURCES[work.plan.recipe.source.format].read(work.source.path)
    return settled(read, names.original_input)


def reference(work: Work, names: Cut) -> Reference:
    """The uncut graph, ready to run."""
    recipe = work.plan.recipe
    pre, post = recipe.preprocessing, recipe.postprocessing
    return Reference(original(work, names), ends(names, pre), pre, post)


def ends(names: Cut, pre: Preprocessing) -> Ends:
    """A cut whose names are all there. Raises UsageError that says which is not."""
    if names.missing:
        raise UsageError(
            f"cut.{names.missing[0]} is not in the recipe and was not found in the graph",
            hint="`convert inspect FILE` shows what was found; name it in the recipe.",
        )
    return Ends(
        original_input=str(names.original_input),
        original_output=names.original_output,
        start=str(names.input),
        ends={name: str(node) for name, node in names.ends.items()},
        input_name=names.input_name,
        # What only shrinks what does not fit is a graph that refuses it.
        resized_outside=names.resized_outside or pre.resize == "shrink",
    )


def _make(work: Work, folder: Path) -> None:
    pre, post = work.plan.recipe.preprocessing, work.plan.recipe.postprocessing
    work.progress.stage("", "cut")
    names = _named(work)
    steps = cut(original(work, names), ends(names, pre), pre.size)
    work.progress.stage("", "prove the cut")
    pictures = [sample.image for sample in islice(work.plan.calibration, PROOF_IMAGES)]
    proof = prove(reference(work, names), steps, pre, post, pictures)
    made = list(steps.values())[-1]
    write_bytes(folder / _FILE, made.graph_def.SerializeToString(deterministic=True))
    facts = CoreFacts(sha256=digest_file(folder / _FILE), cut=names, proof=proof)
    write_record(folder, _FACTS, facts)
    write_record(folder, _RANGES, KnownRanges(ranges=_known(work, names, steps)))


def _known(work: Work, names: Cut, steps: Mapping[str, Graph]) -> dict[str, Range]:
    """The ranges that the source knows, by the core's nodes."""
    cut_at = ends(names, work.plan.recipe.preprocessing)
    known = known_ranges(work.source.path, work.plan.recipe.source.format)
    moved = renamed(cut_at.start, cut_at.ends, cut_at.input_name)
    return carry_ranges(known, moved, steps["cut"], list(steps.values())[-1])


def _named(work: Work) -> Cut:
    """The recipe's cut, with what it leaves out found from the graph."""
    given = work.plan.recipe.cut
    if not given.missing:
        return given
    found = inspect(work.source.path).cut.model_dump()
    # Several outputs stand instead of one: what the recipe names is what there is.
    for key in ("output", "original_output") if given.outputs else ():
        found.pop(key)
    if given.output or given.original_output:
        found.pop("outputs")
    return Cut.model_validate({**found, **given.model_dump(exclude_defaults=True)})
