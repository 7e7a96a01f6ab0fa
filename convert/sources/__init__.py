"""Sources: a format's reader is a module here and a line in this table."""

from convert.sources import frozen_graph, onnx, tfjs, tflite
from convert.sources.base import Readers

SOURCES: Readers = {
    "frozen_graph": frozen_graph,
    "tfjs": tfjs,
    "tflite": tflite,
    "onnx": onnx,
}
