"""TFLiteConverter on the core as a SavedModel: full integer with uint8 ends, or dynamic."""

import json
import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(job["saved_model"])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if job["mode"] == "integer":
        files = sorted(Path(job["calibration"]).glob("*.npy"))
        converter.representative_dataset = lambda: ([np.load(file)] for file in files)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    Path(job["out"]).write_bytes(converter.convert())


if __name__ == "__main__":
    main()
