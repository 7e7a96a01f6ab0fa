"""onnxruntime's quantize_dynamic on the float32 file, with its defaults."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    from onnxruntime.quantization import quantize_dynamic

    quantize_dynamic(job["onnx"], job["out"])


if __name__ == "__main__":
    main()
