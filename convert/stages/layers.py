"""Where quantization lost what: the float32 and the uint8 tflite file, tensor by tensor."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import RuntimeFailure
from convert.quiet import quiet
from convert.vocabulary import Record

Floats = NDArray[np.float64]
_MOST = 120.0
"""The signal to noise ratio that equal tensors are said to have, in dB."""


class LayerError(Record):
    """One tensor that both files compute."""

    layer: str
    op: str
    shape: tuple[int, ...]
    snr_db: float
    """10 log10 of the float tensor's power over that of the difference."""
    worst: float
    """The largest difference of any value, in parts of the float tensor's range."""


def layers(float32: Path, uint8: Path, picture: NDArray[np.float32]) -> tuple[LayerError, ...]:
    """Compare what two tflite files of one graph compute of one prepared picture [1, h, w, 3].

    Tensors are matched by name, which the converter keeps; in the order of running. XNNPACK is
    off, for it keeps no tensors. Raises RuntimeFailure where LiteRT refuses a file.
    """
    wanted, found = (_tensors(path, picture) for path in (float32, uint8))
    pairs = [
        (name, op, wanted[name][1], value) for name, (op, value) in found.items() if name in wanted
    ]
    return tuple(_error(*pair) for pair in pairs if pair[2].shape == pair[3].shape)


def _tensors(path: Path, picture: NDArray[np.float32]) -> Mapping[str, tuple[str, Floats]]:
    """Layer -> the operator that makes it, and its real values."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        with quiet():
            interpreter = Interpreter(
                model_path=str(path),
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            interpreter.allocate_tensors()
            given = interpreter.get_input_details()[0]
            interpreter.set_tensor(given["index"], _stored(picture, given))
            interpreter.invoke()
    except (ValueError, RuntimeError) as error:
        raise RuntimeFailure(f"LiteRT cannot run {path}: {error}") from error
    details = {one["index"]: one for one in interpreter.get_tensor_details()}
    return {
        details[out]["name"]: (op["op_name"], _real(interpreter.get_tensor(out), details[out]))
        for op in interpreter._get_ops_details()
        for out in map(int, op["outputs"])
        if details[out]["dtype"] in (np.float32, np.int8, np.uint8)
    }


def _stored(real: NDArray[np.float32], tensor: Mapping[str, Any]) -> NDArray[Any]:
    """Real values as a tensor holds them."""
    scale, zero = tensor["quantization"]
    if tensor["dtype"] == np.float32:
        return real
    limits = np.iinfo(tensor["dtype"])
    whole = np.clip(np.rint(real / scale + zero), limits.min, limits.max)
    return np.asarray(whole, tensor["dtype"])


def _real(stored: NDArray[Any], tensor: Mapping[str, Any]) -> Floats:
    scale, zero = tensor["quantization"]
    return stored.astype(np.float64) if not scale else scale * (stored.astype(np.float64) - zero)


def _error(layer: str, op: str, wanted: Floats, found: Floats) -> LayerError:
    noise, power = float(np.mean((wanted - found) ** 2)), float(np.mean(wanted**2))
    snr = _MOST if noise == 0 else 10 * math.log10(max(power, 1e-30) / noise)
    return LayerError(
        layer=layer.partition(";")[0],
        op=op,
        shape=tuple(wanted.shape),
        snr_db=min(snr, _MOST),
        worst=float(np.abs(wanted - found).max()) / max(float(np.ptp(wanted)), 1e-12),
    )
