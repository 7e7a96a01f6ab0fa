"""TensorFlow.js graph models, through the tensorflowjs package's graph-model writer."""

import json
import sys
import tempfile
from collections import Counter
from functools import cache
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from convert.errors import ToolError, UnsupportedError
from convert.graph.expressible import inexpressible
from convert.graph.tensorflow import tensorflow
from convert.signature import Signature, TensorSpec
from convert.targets.base import Export, first_lines
from convert.targets.tfjs_storage import store
from convert.vocabulary import Target

NAME: Target = "tfjs"
FILE = "model"
TOOLS: tuple[str, ...] = ("tensorflow", "tensorflowjs")
_NEVER_CALLED = ("tensorflow_decision_forests", "tensorflow_hub")


def export(job: Export, folder: Path) -> Signature:
    """Write `model/model.json` and its weight shards.

    float16, uint16 and uint8 are how weights are stored; the runtime computes in float32. uint8
    stores kernels as `job.storage` has them. Biases stay as they are.
    """
    with tempfile.TemporaryDirectory() as scratch:
        frozen = Path(scratch, "core.pb")
        frozen.write_bytes(job.core.graph_def.SerializeToString())
        _write(frozen, job, folder / FILE)
    if job.storage is not None:
        store(folder / FILE, job.storage)
    _refuse_unknown(_settled(folder / FILE / "model.json"))
    shapes = job.core.shapes()
    return Signature(
        inputs=tuple(_spec(name, shapes[name]) for name in job.core.inputs),
        outputs=tuple(_spec(name, shapes[name]) for name in job.core.outputs),
    )


def _write(frozen: Path, job: Export, folder: Path) -> None:
    metadata = {"convert": job.metadata.model_dump(mode="json")}
    try:
        _writer().convert_tf_frozen_model(
            str(frozen),
            ",".join(job.core.outputs),
            str(folder),
            quantization_dtype_map=_stored(job),
            metadata=metadata,
        )
    except Exception as error:  # tensorflowjs raises whatever it stumbles over
        raise ToolError(
            f"tensorflowjs failed: {first_lines(error)}",
            hint="`convert inspect FILE` lists the operators that tfjs cannot express.",
        ) from error


def _stored(job: Export) -> dict[str, Any]:
    """Which weights are stored how, in tensorflowjs's words."""
    return {job.scheme: True} if job.scheme in ("float16", "uint16") else {}


@cache
def _writer() -> Any:
    """The graph-model writer alone, without its package's imports of jax, flax and the rest."""
    tensorflow()
    for name in ("tensorflowjs", "tensorflowjs.converters"):
        spec = find_spec(name)
        if spec is None:
            raise ToolError(f"the package {name} is not installed", hint="Run `convert doctor`.")
        # Registered but not executed: its submodules are found, its __init__ is not run.
        sys.modules[name] = module_from_spec(spec)
    for name in _NEVER_CALLED:
        sys.modules.setdefault(name, ModuleType(name))
    from tensorflowjs.converters import tf_saved_model_conversion_v2

    return tf_saved_model_conversion_v2


def _settled(file: Path) -> list[dict[str, Any]]:
    """The nodes of a model.json, written anew with their attributes in one order.

    The writer takes the order from a protobuf map, which has another each time. It also leaves a
    space behind every comma and colon, a hundredth of a small network's bytes.
    """
    model = json.loads(file.read_text())
    nodes: list[dict[str, Any]] = model["modelTopology"]["node"]
    for node in nodes:
        node["attr"] = dict(sorted(node.get("attr", {}).items()))
    file.write_text(json.dumps(model, separators=(",", ":")))
    return nodes


def _refuse_unknown(nodes: list[dict[str, Any]]) -> None:
    unknown = inexpressible("tfjs", Counter(node["op"] for node in nodes))
    if unknown:
        raise UnsupportedError(
            f"the tfjs file would hold {', '.join(sorted(unknown))}, which its runtimes refuse"
        )


def _spec(name: str, shape: tuple[int | None, ...] | None) -> TensorSpec:
    is_map = shape is not None and len(shape) == 4
    return TensorSpec(
        name=name, dtype="float32", shape=shape or (), layout="NHWC" if is_map else None
    )
