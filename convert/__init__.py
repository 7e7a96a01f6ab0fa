"""From a vision model's source file to tflite, tfjs and onnx files that are proven right."""

__version__ = "0.1.0"
