"""ai-edge-quantizer on TFLiteConverter's float32 file, by its own 8-bit recipes."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np


class _Pictures:
    """Inputs by name, read as they are asked for: the calibrator goes over them more than once."""

    def __init__(self, name: str, files: list[Path]) -> None:
        self._name, self._files = name, files

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        return ({self._name: np.load(file)} for file in self._files)


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    from ai_edge_quantizer import quantizer, recipe

    static = job["mode"] == "static"
    chosen = recipe.static_wi8_ai8() if static else recipe.dynamic_wi8_afp32()
    made = quantizer.Quantizer(job["tflite"], chosen)
    pictures = _Pictures(job["input"], sorted(Path(job["calibration"]).glob("*.npy")))
    found = made.calibrate({"serving_default": pictures}) if static else None
    made.quantize(found).export_model(job["out"])


if __name__ == "__main__":
    main()
