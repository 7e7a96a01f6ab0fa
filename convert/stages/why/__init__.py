"""Why a file takes the time it takes: its work, what runs it, and this machine's roofline.

Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for multicore
architectures", 2009.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from convert.errors import RuntimeFailure
from convert.manifest import Manifest
from convert.report import Latency
from convert.stages.why import onnx_work, tfjs_work, tflite_work
from convert.stages.why.advice import advice
from convert.stages.why.operation import Operation
from convert.stages.why.records import Bound, OpGroup, Why
from convert.stages.why.roofline import Roof, probe

__all__ = ["Bound", "OpGroup", "Roof", "Why", "why"]

WORK = {
    "tflite": tflite_work.operations,
    "onnx": onnx_work.operations,
    "tfjs": tfjs_work.operations,
}
Clock = Callable[[Mapping[Path, Manifest]], Mapping[Path, Latency | RuntimeFailure | str]]
"""Times these folders' files against each other, with one thread; or says why one is not timed."""

_CACHED = (2**18, 2**26)
"""Least and most bytes of the buffers that bandwidth is measured on."""


def why(folders: Mapping[Path, Manifest], clock: Clock) -> tuple[Why, ...]:
    """Explain published variants of one recipe, timed against each other in the same minutes.

    The roofs are measured before and after `clock`, with one thread; the better counts. Raises
    RuntimeFailure where a runtime refuses its file.
    """
    work = {at: WORK[one.artifact.target](at / one.artifact.path) for at, one in folders.items()}
    working_set = max((op.bytes for ops in work.values() for op in ops), default=0)
    buffer = min(max(working_set, _CACHED[0]), _CACHED[1])
    before = probe(buffer)
    times = clock(folders)
    roof = before.better(probe(buffer))
    return tuple(_explained(at, one, work[at], times[at], roof) for at, one in folders.items())


def _explained(
    folder: Path,
    manifest: Manifest,
    ops: tuple[Operation, ...],
    found: Latency | RuntimeFailure | str,
    roof: Roof,
) -> Why:
    if isinstance(found, RuntimeFailure):
        raise found
    time = None if isinstance(found, str) else found
    compute, memory = sum(map(roof.compute_ms, ops)), sum(map(roof.memory_ms, ops))
    least = sum(max(roof.compute_ms(op), roof.memory_ms(op)) for op in ops)
    made = Why(
        path=str(folder),
        variant=folder.name,
        runtime=time.runtime if time else "web pages",
        target=manifest.artifact.target,
        scheme=manifest.artifact.scheme,
        bytes=manifest.artifact.bytes,
        ms=time.min_ms if time else None,
        untimed=found if isinstance(found, str) else "",
        ratio_to_float32=time.ratio_to_float32 if time else None,
        load=time.load if time else None,
        macs=sum(op.macs for op in ops),
        macs_in_eight_bits=sum(op.macs for op in ops if op.eight_bits),
        weight_bytes=sum(op.weight_bytes for op in ops),
        activation_bytes=sum(op.activation_bytes for op in ops),
        groups=_groups(ops),
        conversions=sum(op.converts for op in ops),
        roof=roof.record(),
        bound=Bound(least_ms=least, compute_ms=compute, memory_ms=memory),
        advice="",
    )
    return made.model_copy(update={"advice": advice(made)})


def _groups(ops: tuple[Operation, ...]) -> tuple[OpGroup, ...]:
    """By kind and by who runs them, the one with the most multiply-adds first."""
    keys = dict.fromkeys((op.kind, op.taken, op.eight_bits) for op in ops)
    made = []
    for kind, taken, eight in keys:
        own = [op for op in ops if (op.kind, op.taken, op.eight_bits) == (kind, taken, eight)]
        times = [op.ms for op in own if op.ms is not None]
        group = OpGroup(
            kind=kind,
            count=len(own),
            taken=taken,
            eight_bits=eight,
            macs=sum(op.macs for op in own),
            bytes=sum(op.bytes for op in own),
            ms=sum(times) if times else None,
        )
        made.append(group)
    return tuple(sorted(made, key=lambda group: (-group.macs, -group.bytes)))
