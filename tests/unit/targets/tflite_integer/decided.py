"""What is decided of a network for eight bits, and what its files answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantization import Decisions, Kernel
from convert.runtimes import for_target
from convert.signature import Signature
from convert.targets import tflite
from convert.targets.base import Export, Metadata
from convert.targets.tflite_integer.file import read
from convert.targets.tflite_integer.network import Network

from .nets import SHAPE, picture, pictures


def decided(
    core: Graph,
    kept_float: frozenset[str] = frozenset(),
    pictures: Callable[[], Iterator[np.ndarray]] = pictures,
) -> Export:
    """The core with nearest kernels, and the ranges of the very pictures it is tested on."""
    kernels: dict[str, Kernel] = {}
    for node in core.graph_def.node:
        if node.op in ("Conv2D", "MatMul", "DepthwiseConv2dNative"):
            kernels[core.through_identity(node.input[1]).name] = nearest(core, node)
    nodes = type(core.graph_def)()
    nodes.CopyFrom(core.graph_def)
    for node in nodes.node:
        if node.name in kernels:
            proto = tensorflow().make_tensor_proto(kernels[node.name].values)
            node.attr["value"].tensor.CopyFrom(proto)
    gridded = replace(core, graph_def=nodes)
    names = [name for name in floats(core) if core.constant(name) is None]
    given = [function(gridded, *names)(one) for one in pictures()]
    ends = [(min(a.min() for a in of), max(a.max() for a in of)) for of in zip(*given, strict=True)]
    ranges = {
        name: (min(0.0, float(low)), max(0.0, float(high)))
        for name, (low, high) in zip(names, ends, strict=True)
    }
    return Export(
        core=gridded,
        scheme="uint8",
        layout="NHWC",
        metadata=Metadata(
            name="tiny",
            description="All kinds of operators.",
            license="Apache-2.0",
            labels=(),
            preprocessing=Preprocessing(size=SHAPE[1:3]),
            postprocessing=Postprocessing(decode="argmax"),
        ),
        calibration=pictures,
        decisions=Decisions(kernels=kernels, ranges=ranges, kept_float=kept_float),
    )


def nearest(core: Graph, node: Any) -> Kernel:
    values = core.constant(node.input[1])
    assert values is not None
    wide = node.op == "DepthwiseConv2dNative"
    channels = values.reshape(-1, values[0, 0].size if wide else values.shape[-1])
    scales = (np.maximum(np.abs(channels).max(axis=0), 1e-20) / 127).astype(np.float32)
    codes = np.rint(values / (scales.reshape(values.shape[2:]) if wide else scales))
    return Kernel(codes=codes.astype(np.int8), scales=scales, depthwise=wide)


def floats(core: Graph) -> list[str]:
    operations = core.imported().get_operations()
    return [
        one.name for one in operations if one.outputs and one.outputs[0].dtype.name == "float32"
    ]


def answers(path: Path, signature: Signature) -> dict[str, np.ndarray]:
    session = for_target("tflite").open_session(path, signature, 1)
    return dict(session.run({"image": picture(1)}))


def ran(job: Export, folder: Path) -> tuple[dict[str, np.ndarray], Signature]:
    signature = tflite.export(job, folder)
    return answers(folder / tflite.FILE, signature), signature


def answers_of_float(path: Path, job: Export) -> tuple[dict[str, np.ndarray], Network]:
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path)).get_signature_runner()
    return runner(**{job.core.inputs[0]: picture(1)}), read(path.read_bytes())
