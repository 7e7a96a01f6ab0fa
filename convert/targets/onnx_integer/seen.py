"""What a network's tensors hold, by ONNX Runtime."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.targets.onnx_integer.network import Network
from convert.targets.same_tensors import Sight, sights


def seen(model: Any, feeds: Iterable[Mapping[str, NDArray[np.float32]]]) -> dict[str, Sight]:
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

    def runs() -> Iterator[list[NDArray[Any]]]:
        for feed in feeds:
            yield [*session.run(names, dict(feed)), *(feed[name] for name in network.inputs)]

    return sights([*names, *network.inputs], runs())
