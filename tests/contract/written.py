"""Files that targets write of tiny networks, and what stands in them."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from convert.graph.graph import Graph
from convert.preprocessing import Postprocessing, Preprocessing
from convert.quantizers.decide import Premises, decide
from convert.quantizers.store_kernels import store_kernels
from convert.runtimes import for_target
from convert.runtimes.base import Session
from convert.signature import Signature
from convert.targets import TARGETS
from convert.targets.base import Export, Metadata
from convert.vocabulary import DEFAULT_SCHEMES, Layout, Scheme, Target
from convert.vocabulary import TARGETS as TARGET_NAMES

from .nets import SHAPE, picture, pictures

Kind = tuple[Target, Scheme, Layout]
KINDS: list[Kind] = [
    (target, scheme, layout)
    for target, scheme in product(TARGET_NAMES, DEFAULT_SCHEMES)
    for layout in (("NHWC", "NCHW") if target == "onnx" else ("NHWC",))
]
METADATA = Metadata(
    name="tiny tflite",
    description="A tiny net: ünïcode too",
    license="Apache-2.0",
    labels=("none", "disk", "square", "star"),
    preprocessing=Preprocessing(size=SHAPE[1:3], mean=(127.5,) * 3, scale=(1 / 127.5,) * 3),
    postprocessing=Postprocessing(decode="argmax"),
)


@dataclass(frozen=True)
class Written:
    """A file that a target wrote."""

    target: Target
    scheme: Scheme
    layout: Layout
    path: Path
    signature: Signature

    def opened(self, threads: int = 1) -> Session:
        return for_target(self.target).open_session(self.path, self.signature, threads)

    def answer(self, picture: np.ndarray) -> np.ndarray:
        return self.opened().run({"image": picture})["logits"]


def job(core: Graph, scheme: Scheme = "float32", layout: Layout = "NHWC") -> Export:
    return Export(core=core, scheme=scheme, layout=layout, metadata=METADATA, calibration=pictures)


def decided(order: Export, target: Target) -> Export:
    """An order of eight bits with what is decided for them."""
    if order.scheme != "uint8":
        return order
    if target == "tfjs":
        kept = store_kernels(order.core, pictures, channel_scales=False)
        return replace(order, core=kept.graph, storage=kept.storage)
    made = decide(order.core, pictures, Premises(answers="largest", entry=(-1.0, 1.0), known={}))
    return replace(order, core=made.graph, decisions=made.decisions)


def export(target: Target, order: Export, folder: Path) -> Written:
    """Decide what eight bits ask for, and write."""
    return write(target, decided(order, target), folder)


def write(target: Target, order: Export, folder: Path) -> Written:
    signature = TARGETS[target].export(order, folder)
    path = folder / TARGETS[target].FILE
    return Written(target, order.scheme, order.layout, path, signature)


def check_closeness(file: Written, wanted: np.ndarray) -> None:
    found = file.answer(picture(1))
    assert found.shape == wanted.shape
    largest, extent = np.abs(found - wanted).max(), np.ptp(wanted)
    if file.scheme == "float32":
        assert largest <= 1e-4
    else:
        assert largest <= {"float16": 0.01, "uint8": 0.1}[file.scheme] * extent
        assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] >= 0.99


def ops(file: Written) -> Counter[str]:
    """The operators of a file, by the names that its format has for them."""
    if file.target == "tfjs":
        topology = json.loads((file.path / "model.json").read_text())["modelTopology"]
        return Counter(node["op"] for node in topology["node"])
    if file.target == "onnx":
        return Counter(node.op_type for node in onnx_model(file).graph.node)
    codes = {number: name for name, number in vars(schema().BuiltinOperator).items()}
    model = tflite_model(file)
    used = (model.operatorCodes[op.opcodeIndex] for op in model.subgraphs[0].operators)
    return Counter(codes[code.builtinCode] for code in used)


def onnx_model(file: Written) -> Any:
    import onnx

    return onnx.load(str(file.path))


def schema() -> Any:
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def tflite_model(file: Written) -> Any:
    return schema().ModelT.InitFromPackedBuf(file.path.read_bytes(), 0)


def tflite_entries(file: Written) -> dict[str, bytes]:
    model = tflite_model(file)
    return {
        entry.name.decode(): bytes(model.buffers[entry.buffer].data) for entry in model.metadata
    }
