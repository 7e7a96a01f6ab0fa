"""The words that everything else is written in: frozen records and the closed sets of names."""

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

Target = Literal["tflite", "tfjs", "onnx"]
Scheme = Literal["float32", "float16", "uint8", "mixed", "dynamic", "int16x8", "uint16"]
Task = Literal["segmentation", "classification", "detection", "landmarks", "pose", "image", "other"]
"""What a model answers; what is none of the first is compared as numbers."""
SourceFormat = Literal[
    "frozen_graph", "saved_model", "checkpoint", "keras", "tflite", "tfjs", "onnx"
]
DType = Literal["float32", "float16", "uint8", "int8", "int32", "int64"]
Layout = Literal["NHWC", "NCHW"]
MetricName = Literal[
    "miou", "person_iou", "top_k", "similarity", "detection", "landmarks", "parity", "coco_map"
]
RangeWay = Literal["chosen", "min_max", "percentile", "least_error", "entropy"]
"""How the range of each value between layers is found."""
DatasetKind = Literal["shapes", "voc", "masks", "imagenet", "coco"]

TARGETS: tuple[Target, ...] = get_args(Target)
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
DEFAULT_SCHEMES: tuple[Scheme, ...] = ("float32", "float16", "uint8")
"""What every target has, and what is made where a recipe does not say."""
FURTHER_SCHEMES: Mapping[Target, tuple[Scheme, ...]] = {
    "tflite": ("mixed", "dynamic", "int16x8"),
    "tfjs": ("uint16",),
    "onnx": ("mixed",),
}
"""What a target has beside them; made where a recipe or the command line asks for it."""
CALIBRATED: tuple[Scheme, ...] = ("uint8", "mixed", "dynamic", "int16x8")
"""What is decided on calibration pictures."""


def schemes_of(target: Target) -> tuple[Scheme, ...]:
    """Every scheme that a target has."""
    return (*DEFAULT_SCHEMES, *FURTHER_SCHEMES.get(target, ()))


VOID = 255
"""The label of pixels that no metric counts."""


class Record(BaseModel):
    """Data read from or written to a file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
