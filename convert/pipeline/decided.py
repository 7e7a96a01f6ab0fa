"""What is decided of a core for eight bits, kept in a folder of finished work."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.pipeline.core import Core
from convert.quantization import Decisions, Kernel, Range, Storage, Stored
from convert.quantizers.decide import Decided
from convert.quantizers.equalize import Proof
from convert.quantizers.layers import layers, with_constants
from convert.quantizers.store_kernels import StoredCore
from convert.store import digest_file, write_bytes, write_text

_GRAPH, _FLOATS, _UNROUNDED = "core.pb", "floats.pb", "unrounded.pb"
_ARRAYS, _FACTS = "kernels.npz", "decisions.json"
_Arrays = dict[str, NDArray[Any]]


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

    @property
    def ranges(self) -> Mapping[str, Range]:
        """Of what is stored in eight bits, by the nodes that give it."""
        return self.decided.ranges if self.decided else {}

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


def save_decided(folder: Path, made: Decided) -> None:
    """Keep what was decided for integers."""
    arrays: _Arrays = {}
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
    _write(folder, made, arrays, facts)


def load_decided(folder: Path, core: Core, sha256: str = "") -> EightBits:
    """What was kept of integers; `sha256` stands for it where the folder is not finished work."""
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
        sha256=sha256 or _digest(folder),
        decided=decisions,
        walked=facts["walked"],
    )


def save_stored(folder: Path, made: StoredCore) -> None:
    """Keep what was decided for storage."""
    depthwise = {layer.kernel for layer in layers(made.graph) if layer.depthwise}
    arrays: _Arrays = {}
    kernels = []
    for place, (name, stored) in enumerate(made.storage.kernels.items()):
        arrays[f"codes{place}"] = stored.codes
        if stored.channel_scales is not None:
            arrays[f"scales{place}"] = stored.channel_scales
        held = {"name": name, "scale": stored.scale, "minimum": stored.minimum}
        kernels.append({**held, "depthwise": name in depthwise})
    _write(folder, made, arrays, {"kernels": kernels, "proofs": _proofs(made.proofs)})


def load_stored(folder: Path, core: Core, *, integers: bool) -> EightBits:
    """What was kept of storage; as `integers` it is decisions without ranges."""
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


def _proofs(proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "difference": one.difference, "applied": one.applied} for one in proofs
    ]


def _write(folder: Path, made: Decided | StoredCore, arrays: _Arrays, facts: Any) -> None:
    graphs = {_GRAPH: made.graph, _FLOATS: made.floats, _UNROUNDED: made.unrounded}
    for name, graph in graphs.items():
        write_bytes(folder / name, graph.graph_def.SerializeToString(deterministic=True))
    np.savez(folder / _ARRAYS, **arrays)
    write_text(folder / _FACTS, json.dumps(facts, indent=1))


def _read(folder: Path) -> tuple[Any, _Arrays]:
    with np.load(folder / _ARRAYS) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    return json.loads((folder / _FACTS).read_text()), held


def _graph(path: Path, core: Core) -> Graph:
    graph_def = tensorflow().compat.v1.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    return Graph(graph_def=graph_def, inputs=core.inputs, outputs=core.outputs)


def _digest(folder: Path) -> str:
    return digest_file(folder / "parts.json") + digest_file(folder / _GRAPH)
