"""TFLite files with int8 weights and float activations: hybrid kernels, quantizing as they run."""

import numpy as np

from convert.quantization import Kernel
from convert.targets.tflite_integer.file import read, write
from convert.targets.tflite_integer.kernels import Kernels
from convert.targets.tflite_integer.network import Op, Steps, Tensor
from convert.targets.tflite_integer.refuse import refuse_broken

_AXES = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}
"""The output channels' axis of the weights of each kind that has a hybrid kernel."""

_VERSIONS = {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 6, "FULLY_CONNECTED": 9}
"""The first version of each with scales per channel."""

_WORTH_IT = 1024
"""TFLiteConverter, too, leaves smaller weights as they are."""


def dynamic(flatbuffer: bytes, kernels: list[Kernel]) -> bytes:
    """The float32 file `flatbuffer` with the decided kernels in int8; its ends stay float32.

    The runtime quantizes activations per picture, with a scale for each. Raises ToolError where
    LiteRT does not take the file.
    """
    network, found = read(flatbuffer), Kernels(kernels)
    for op in network.ops:
        if op.kind in _AXES:
            _store(op, found)
    written = write(network)
    refuse_broken(written)
    return written


def _store(op: Op, kernels: Kernels) -> None:
    weights = op.inputs[1]
    if weights is None or weights.data is None or weights.data.size < _WORTH_IT:
        return
    axis = _AXES[op.kind]
    codes, scales = kernels.find(op.kind, weights.data, axis)
    steps = Steps(np.maximum(scales, np.float32(2.0**-100)), axis=axis)
    op.inputs[1] = Tensor(weights.name, weights.shape, "int8", codes, steps)
    op.version = max(op.version, _VERSIONS[op.kind])
    if hasattr(op.options, "asymmetricQuantizeInputs"):
        op.options.asymmetricQuantizeInputs = True
