"""The core graph itself, as a TensorFlow user takes it."""

from pathlib import Path

from convert.signature import Signature, TensorSpec
from convert.targets.base import Export
from convert.vocabulary import Target

NAME: Target = "core_graph"
FILE = "core.pb"
TOOLS = ("tensorflow",)


def export(job: Export, folder: Path) -> Signature:
    """Write the core as a serialized GraphDef."""
    (folder / FILE).write_bytes(job.core.graph_def.SerializeToString())
    shapes = job.core.shapes()
    specs = [
        TensorSpec(name=name, dtype="float32", shape=shapes[name] or (), layout="NHWC")
        for name in (*job.core.inputs, *job.core.outputs)
    ]
    return Signature(inputs=tuple(specs[:1]), outputs=tuple(specs[1:]))
