"""What a network's tensors hold, by ONNX Runtime."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.targets.onnx_integer.network import Network

Seen = Mapping[str, list[NDArray[np.float32]]]


def seen(model: Any, feeds: Sequence[Mapping[str, NDArray[np.float32]]]) -> Seen:
    """Every float32 tensor of a float ModelProto on each feed (its inputs by name), inputs too."""
    import onnxruntime
    from onnx import ModelProto, TensorProto, shape_inference

    network = Network(model)
    whole = ModelProto()
    whole.CopyFrom(model)
    whole.graph.output.extend(
        value
        for value in shape_inference.infer_shapes(model).graph.value_info
        if value.type.tensor_type.elem_type == TensorProto.FLOAT
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        whole.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [value.name for value in session.get_outputs()]
    runs = [dict(zip(names, session.run(names, dict(feed)), strict=True)) for feed in feeds]
    given: dict[str, list[Any]] = {name: [run[name] for run in runs] for name in names}
    return {**given, **{name: [feed[name] for feed in feeds] for name in network.inputs}}
