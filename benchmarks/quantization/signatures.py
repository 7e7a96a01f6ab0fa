"""What a peer's file takes and gives: peers keep names, but choose dtypes and steps themselves."""

from pathlib import Path
from typing import Any

import numpy as np

from convert.quiet import quiet
from convert.signature import Quantization, Signature, TensorSpec


def of_tflite(path: Path) -> Signature:
    """As the file says it, by its signature's names where it has one, else its tensors'."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet():
        interpreter = Interpreter(model_path=str(path))
        if interpreter.get_signature_list():
            runner = interpreter.get_signature_runner("serving_default")
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
        else:
            sides = interpreter.get_input_details(), interpreter.get_output_details()
            inputs, outputs = ({one["name"]: one for one in side} for side in sides)
    return Signature(
        inputs=tuple(_spec(name, one) for name, one in inputs.items()),
        outputs=tuple(_spec(name, one) for name, one in outputs.items()),
    )


def _spec(name: str, details: dict[str, Any]) -> TensorSpec:
    scale, zero_point = details["quantization"]
    shape = tuple(int(side) for side in details["shape"])
    affine = Quantization(scale=scale, zero_point=zero_point) if scale else None
    return TensorSpec.model_validate(
        {
            "name": name,
            "dtype": np.dtype(details["dtype"]).name,
            "shape": shape,
            "layout": "NHWC" if len(shape) == 4 else None,
            "quantization": affine,
        }
    )
