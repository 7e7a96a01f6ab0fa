"""ai-edge-quantizer on TFLiteConverter's float32 file, by its own 8-bit recipes."""

import json
import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    from ai_edge_quantizer import quantizer, recipe

    static = job["mode"] == "static"
    chosen = recipe.static_wi8_ai8() if static else recipe.dynamic_wi8_afp32()
    made = quantizer.Quantizer(job["tflite"], chosen)
    files = sorted(Path(job["calibration"]).glob("*.npy"))
    pictures = ({job["input"]: np.load(file)} for file in files)
    found = made.calibrate({"serving_default": pictures}) if static else None
    made.quantize(found).export_model(job["out"])


if __name__ == "__main__":
    main()
