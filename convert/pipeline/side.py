"""One of the two models that are compared: a published folder, or a model file of any format."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from convert.difference import Compared
from convert.errors import UsageError
from convert.graph.discover.leftovers import settled
from convert.graph.graph import Graph
from convert.manifest import NAME, Manifest, read_manifest
from convert.pipeline.core import ends
from convert.preprocessing import Preprocessing
from convert.recipe import Cut, Recipe
from convert.signature import TensorSpec
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.examine import examine
from convert.stages.cut import cut
from convert.store import digest
from convert.traces import of_graph, open_trace
from convert.traces.base import Trace
from convert.vocabulary import TARGETS, SourceFormat


@dataclass(frozen=True, kw_only=True)
class Side:
    """What is known before anything is run."""

    given: Path
    file: Path
    """The model file or folder itself."""
    format: SourceFormat
    manifest: Manifest | None

    @property
    def recipe(self) -> Recipe | None:
        """Of a published folder."""
        return self.manifest.recipe if self.manifest else None

    @cached_property
    def record(self) -> Compared:
        """How it is called in what is found."""
        files = [p for p in self.file.rglob("*") if p.is_file()] if self.file.is_dir() else []
        return Compared(
            path=str(self.given),
            format=self.format,
            sha256=digest(self.file),
            bytes=sum(one.stat().st_size for one in files or [self.file]),
            recipe=self.recipe.name if self.recipe else None,
        )

    def opened(self, other: Recipe | None) -> "Opened":
        """Load it.

        A graph is cut and passed on as on the road to the targets, whose files keep its names.
        `other` is the recipe of what it is compared with, whose cut counts for it too.
        """
        if self.format in TARGETS:
            return Opened(side=self, trace=open_trace(self.file, self.format), told=None)
        recipe = self.recipe or other
        given, pre = (recipe.cut, recipe.preprocessing) if recipe else (Cut(), None)
        if pre is None or given.missing:
            anatomy = examine(self.file, given)
            given = anatomy.cut.model_copy(update=given.model_dump(exclude_defaults=True))
            pre = pre or anatomy.front.preprocessing
        core = _core(SOURCES[self.format].read(self.file), given, pre)
        return Opened(side=self, trace=core, told=pre)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One of the two, loaded."""

    side: Side
    trace: Trace
    told: Preprocessing | None
    """How it is fed, where the file itself tells."""


def side(given: Path) -> Side:
    """Look at a path. Raises SourceError or UnsupportedError for what is no model.

    Raises UsageError for a recipe's whole folder.
    """
    variants = sorted(path.parent.name for path in given.glob(f"*/{NAME}"))
    if variants:
        raise UsageError(
            f"{given} holds {len(variants)} variants, and one is compared with one",
            hint=f"Give one of {', '.join(variants)} in it.",
        )
    if not (given / NAME).is_file():
        return Side(given=given, file=given, format=detect(given), manifest=None)
    manifest = read_manifest(given)
    model = manifest.artifact
    return Side(given=given, file=given / model.path, format=model.target, manifest=manifest)


def _core(graph: Graph, names: Cut, pre: Preprocessing) -> Trace:
    steps = cut(settled(graph, names.original_input), ends(names, pre), pre.size)
    core = list(steps.values())[-1]
    return of_graph(core, {name: name for name in core.outputs})


def default_preprocessing(spec: TensorSpec) -> Preprocessing | None:
    """How a file of fixed size is fed where nothing says it: the picture stretched to -1..1.

    A quantized input is fed its whole range instead. None where the size is free.
    """
    height, width = spec.shape[2:4] if spec.layout == "NCHW" else spec.shape[1:3]
    if height is None or width is None:
        return None
    steps = spec.quantization
    if steps is None:
        middle, scale = (0.0, 1.0) if spec.dtype == "uint8" else (127.5, 1 / 127.5)
    else:
        least = -128 if spec.dtype == "int8" else 0
        middle, scale = float(steps.zero_point - least), steps.scale
    return Preprocessing(size=(height, width), mean=(middle,) * 3, scale=(scale,) * 3)
