"""onnxruntime's quantize_static on the float32 file: its defaults, or U8S8 per channel."""

import json
import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._files = iter(sorted(Path(job["calibration"]).glob("*.npy")))

        def get_next(self) -> dict[str, np.ndarray] | None:
            file = next(self._files, None)
            if file is None:
                return None
            picture = np.load(file)
            turned = picture.transpose(0, 3, 1, 2) if job["layout"] == "NCHW" else picture
            return {job["input"]: np.ascontiguousarray(turned)}

    u8s8 = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
    chosen = {"per_channel": True, **u8s8} if job["mode"] == "per channel" else {}
    quantize_static(job["onnx"], job["out"], Reader(), **chosen)


if __name__ == "__main__":
    main()
