"""Targets: a format's writer is a module here and a line in this table."""

from convert.targets import onnx, tfjs, tflite
from convert.targets.base import Backends, IntegerBackends

TARGETS: Backends = {"tflite": tflite, "tfjs": tfjs, "onnx": onnx}
INTEGERS: IntegerBackends = {"tflite": tflite, "onnx": onnx}
"""Those whose files hold activations in eight bits."""
