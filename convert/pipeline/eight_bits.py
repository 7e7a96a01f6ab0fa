"""What is decided of a core for eight bits, once for every target that it serves."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.memo import Parts, code_digest, versions
from convert.pictures.prepare import prepare
from convert.pipeline.core import Core
from convert.pipeline.plan import Key
from convert.pipeline.work import Work
from convert.quantization import Decisions, Kernel, Range, Storage, Stored
from convert.quantizers.decide import Decided, decide
from convert.quantizers.equalize import Proof
from convert.quantizers.layers import layers, with_constants
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.spread import Pictures
from convert.quantizers.store_kernels import store_kernels
from convert.quantizers.trial import Answers
from convert.store import digest_file, write_bytes, write_text

_GRAPH, _FLOATS, _UNROUNDED = "core.pb", "floats.pb", "unrounded.pb"
_ARRAYS, _FACTS = "kernels.npz", "decisions.json"
_TOOLS = ("tensorflow", "numpy")


@dataclass(frozen=True, kw_only=True)
class EightBits:
    """A core whose kernels hold what eight bits can, and what an exporter has to know of it.

    Its graphs are read when they are asked for: a run that changes nothing needs no TensorFlow.
    """

    folder: Path
    core: Core
    sha256: str
    """Of all of it."""
    decided: Decisions | None = None
    storage: Storage | None = None
    kept: frozenset[str] = frozenset()
    """Nodes that stay in float: kernels of layers among them are not rounded."""
    walked: int = 0
    """How many of the calibration pictures, spread evenly, integers were solved on."""

    @cached_property
    def graph(self) -> Graph:
        """The core with rounded kernels, in float32."""
        rounded = _graph(self.folder / _GRAPH, self.core)
        return with_constants(rounded, self._held) if self._held else rounded

    @cached_property
    def floats(self) -> Graph:
        """The same nodes before any rounding."""
        return _graph(self.folder / _FLOATS, self.core)

    @cached_property
    def unrounded(self) -> Graph:
        """As `graph`, but with kernels that are not rounded: what a layer in float is."""
        return _graph(self.folder / _UNROUNDED, self.core)

    @cached_property
    def decisions(self) -> Decisions | None:
        """What was decided, less the kernels that are not rounded."""
        if self.decided is None or not self.kept:
            return self.decided
        kernels = {n: k for n, k in self.decided.kernels.items() if n not in self._held}
        return replace(self.decided, kernels=kernels, kept_float=self.kept)

    def keeping(self, nodes: Collection[str]) -> "EightBits":
        """The same with these nodes in float."""
        sha256 = f"{self.sha256} without {', '.join(sorted(nodes))}"
        return replace(self, kept=frozenset(nodes), sha256=sha256)

    @cached_property
    def _held(self) -> dict[str, NDArray[Any]]:
        """Constants of layers that are not rounded."""
        stay = [layer for layer in layers(self.unrounded) if layer.name in self.kept]
        names = [name for one in stay for name in (one.kernel, one.bias) if name]
        return {name: np.asarray(self.unrounded.constant(name)) for name in names}


def eight_bits(work: Work, core: Core, key: Key) -> EightBits:
    """Decide for a variant in eight bits, unless that was done: integers, or storage (tfjs).

    Where activations have more than eight bits, or ranges of each picture's own, weights are
    rounded for a float network, as those that are only stored.
    """
    if key.target == "tfjs":
        return _storage(work, core, work.plan.recipe.targets["tfjs"].channel_scales)
    if key.scheme in ("dynamic", "int16x8"):
        return _storage(work, core, channel_scales=True, integers=True)
    return _decisions(work, core)


def calibration(work: Work, label: str) -> Callable[[], Iterator[NDArray[np.float32]]]:
    """Streams the calibration split as the model reads it, counting the pictures."""
    pictures, pre = work.plan.calibration, work.plan.recipe.preprocessing

    def stream() -> Iterator[NDArray[np.float32]]:
        with work.progress.count(f"{label} calibrate", len(pictures), "pictures") as tick:
            for sample in pictures:
                yield prepare(sample.image, pre).tensor
                tick()

    return stream


def decided(work: Work, core: Core, methods: Methods = ALL) -> Decided:
    """Decide for integers, whatever was done before."""
    return decide_on(work, core, calibration(work, "integers"), methods)


def decide_on(work: Work, core: Core, pictures: Pictures, methods: Methods = ALL) -> Decided:
    """Decide about a core by pictures [1, h, w, 3] that are streamed anew at each call."""
    way = work.plan.recipe.quantization.ranges
    return decide(
        core.graph,
        pictures,
        answers=answers(work),
        entry=_entry(work),
        known=core.ranges,
        methods=replace(methods, ranges=way) if way != "chosen" else methods,
        drawn=_drawn(work),
        progress=work.progress,
    )


def _drawn(work: Work) -> bool:
    return work.plan.calibration_facts.kind == "synthesised"


def answers(work: Work) -> Answers:
    """What the outputs are to their reader."""
    decode = work.plan.recipe.postprocessing.decode
    kinds: dict[str, Answers] = {"argmax": "largest", "softmax": "largest", "sigmoid": "chance"}
    return kinds.get(decode, "values")


def _decisions(work: Work, core: Core) -> EightBits:
    def make(folder: Path) -> None:
        work.progress.stage("", "decide for eight bits")
        made = decided(work, core)
        arrays: dict[str, NDArray[Any]] = {}
        kernels = []
        for place, (name, kernel) in enumerate(made.decisions.kernels.items()):
            arrays[f"codes{place}"], arrays[f"scales{place}"] = kernel.codes, kernel.scales
            kernels.append({"name": name, "depthwise": kernel.depthwise})
        facts = {
            "kernels": kernels,
            "ranges": {name: list(ends) for name, ends in made.decisions.ranges.items()},
            "kept_float": sorted(made.decisions.kept_float),
            "walked": made.walked,
            "proofs": _proofs(made.proofs),
        }
        _write(folder, (made.graph, made.floats, made.unrounded), arrays, facts)

    parts = {
        **_parts(work, core),
        "answers": answers(work),
        "known": dict(core.ranges),
        "ranges": work.plan.recipe.quantization.ranges,
    }
    folder = work.memo.once("integers", parts, make)
    facts, arrays = _read(folder)
    kernels = {
        one["name"]: Kernel(
            codes=arrays[f"codes{place}"],
            scales=arrays[f"scales{place}"],
            depthwise=one["depthwise"],
        )
        for place, one in enumerate(facts["kernels"])
    }
    decisions = Decisions(
        kernels=kernels,
        ranges={name: (low, high) for name, (low, high) in facts["ranges"].items()},
        kept_float=frozenset(facts["kept_float"]),
    )
    return EightBits(
        folder=folder,
        core=core,
        sha256=_digest(folder),
        decided=decisions,
        walked=facts["walked"],
    )


def _storage(work: Work, core: Core, channel_scales: bool, *, integers: bool = False) -> EightBits:
    """Kernels for a float network; as `integers` they are decisions without ranges."""

    def make(folder: Path) -> None:
        work.progress.stage("", "round the stored kernels")
        made = store_kernels(
            core.graph, calibration(work, "storage"), channel_scales=channel_scales,
            drawn=_drawn(work), progress=work.progress,
        )  # fmt: skip
        depthwise = {layer.kernel for layer in layers(made.graph) if layer.depthwise}
        arrays: dict[str, NDArray[Any]] = {}
        kernels = []
        for place, (name, stored) in enumerate(made.storage.kernels.items()):
            arrays[f"codes{place}"] = stored.codes
            if stored.channel_scales is not None:
                arrays[f"scales{place}"] = stored.channel_scales
            held = {"name": name, "scale": stored.scale, "minimum": stored.minimum}
            kernels.append({**held, "depthwise": name in depthwise})
        facts = {"kernels": kernels, "proofs": _proofs(made.proofs)}
        _write(folder, (made.graph, made.floats, made.unrounded), arrays, facts)

    parts = {**_parts(work, core), "channel_scales": channel_scales}
    folder = work.memo.once("storage", parts, make)
    facts, arrays = _read(folder)
    kernels = {
        one["name"]: Stored(
            codes=arrays[f"codes{place}"],
            scale=one["scale"],
            minimum=one["minimum"],
            channel_scales=arrays.get(f"scales{place}"),
        )
        for place, one in enumerate(facts["kernels"])
    }
    made = EightBits(folder=folder, core=core, sha256=_digest(folder))
    if not integers:
        return replace(made, storage=Storage(kernels=kernels))
    depthwise = {one["name"] for one in facts["kernels"] if one["depthwise"]}
    return replace(made, decided=Decisions(kernels=_integers(kernels, depthwise), ranges={}))


def _integers(stored: Mapping[str, Stored], depthwise: Collection[str]) -> dict[str, Kernel]:
    """Kernels with scales per channel as the integers that they are."""
    return {
        name: Kernel(
            codes=(one.codes.astype(np.int16) - 128).astype(np.int8),
            scales=one.channel_scales.reshape(-1),
            depthwise=name in depthwise,
        )
        for name, one in stored.items()
        if one.channel_scales is not None
    }


def _entry(work: Work) -> Range:
    """What black and white are to the network, over its channels."""
    pre = work.plan.recipe.preprocessing
    ends = [
        (level - mean) * scale
        for mean, scale in zip(pre.mean, pre.scale, strict=True)
        for level in (0, 255)
    ]
    return min(ends), max(ends)


def _parts(work: Work, core: Core) -> Parts:
    return {
        "core": core.facts.sha256,
        "drawn": _drawn(work),
        "calibration": work.plan.calibration_digests,
        "preprocessing": work.plan.recipe.preprocessing.model_dump(),
        "tools": versions(_TOOLS),
        "code": code_digest("graph", "quantizers", "pictures"),
    }


def _proofs(proofs: tuple[Proof, ...]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "difference": one.difference, "applied": one.applied} for one in proofs
    ]


def _write(
    folder: Path, graphs: tuple[Graph, ...], arrays: dict[str, NDArray[Any]], facts: Any
) -> None:
    for name, graph in zip((_GRAPH, _FLOATS, _UNROUNDED), graphs, strict=True):
        write_bytes(folder / name, graph.graph_def.SerializeToString(deterministic=True))
    np.savez(folder / _ARRAYS, **arrays)
    write_text(folder / _FACTS, json.dumps(facts, indent=1))


def _read(folder: Path) -> tuple[Any, dict[str, NDArray[Any]]]:
    with np.load(folder / _ARRAYS) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    return json.loads((folder / _FACTS).read_text()), held


def _graph(path: Path, core: Core) -> Graph:
    graph_def = tensorflow().compat.v1.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    return Graph(graph_def=graph_def, inputs=core.inputs, outputs=core.outputs)


def _digest(folder: Path) -> str:
    return digest_file(folder / "parts.json") + digest_file(folder / _GRAPH)
