"""NNCF's post-training quantization of the float32 onnx file, by one of its presets."""

import json
import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    import nncf
    import onnx

    def read(file: Path) -> dict[str, np.ndarray]:
        picture = np.load(file)
        turned = picture.transpose(0, 3, 1, 2) if job["layout"] == "NCHW" else picture
        return {job["input"]: np.ascontiguousarray(turned)}

    pictures = nncf.Dataset(sorted(Path(job["calibration"]).glob("*.npy")), read)
    preset = nncf.QuantizationPreset(job["mode"])
    onnx.save(nncf.quantize(onnx.load(job["onnx"]), pictures, preset=preset), job["out"])


if __name__ == "__main__":
    main()
