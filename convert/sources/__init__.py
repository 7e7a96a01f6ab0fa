"""Sources: a format's reader is a module here and a line in this table."""

from convert.sources import checkpoint, frozen_graph, keras, onnx, saved_model, tfjs, tflite
from convert.sources.base import Readers

SOURCES: Readers = {
    "frozen_graph": frozen_graph,
    "tfjs": tfjs,
    "tflite": tflite,
    "onnx": onnx,
    "saved_model": saved_model,
    "keras": keras,
    "checkpoint": checkpoint,
}
