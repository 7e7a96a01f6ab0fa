"""The ModelMetadata flatbuffer ("M001"), which TFLite Support, MediaPipe and Android Studio read.

After metadata_schema.fbs of TensorFlow Lite Support, from which nothing later than 1.0.0 is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias, Union

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from convert.preprocessing import Postprocessing, Preprocessing
from convert.signature import Signature, TensorSpec
from convert.targets.base import Metadata

LABELS_FILE = "labels.txt"

_VERSION = "1"  # The schema wants one of the model's own; no recipe counts them.

_FIELDS = {
    "ModelMetadata": (
        *("name", "description", "version", "subgraph_metadata"),
        *("author", "license", "associated_files", "min_parser_version"),
    ),
    "SubGraphMetadata": ("name", "description", "input_tensor_metadata", "output_tensor_metadata"),
    "TensorMetadata": (
        *("name", "description", "dimension_names", "content"),
        *("process_units", "stats", "associated_files"),
    ),
    "Content": ("content_properties_type", "content_properties", "range"),
    "FeatureProperties": (),
    "ImageProperties": ("color_space", "default_size"),
    "ImageSize": ("width", "height"),
    "ValueRange": ("min", "max"),
    "ProcessUnit": ("options_type", "options"),
    "NormalizationOptions": ("mean", "std"),
    "Stats": ("max", "min"),
    "AssociatedFile": ("name", "description", "type"),
}
"""The schema's tables: a field's place is its slot number, and a union's type has one too."""


class _ContentType(IntEnum):
    FEATURE = 1
    IMAGE = 2


class _ColorSpace(IntEnum):
    UNKNOWN = 0
    RGB = 1
    GRAYSCALE = 2


class _ProcessUnit(IntEnum):
    NORMALIZATION = 1


class _FileType(IntEnum):
    TENSOR_AXIS_LABELS = 2


_Value: TypeAlias = Union[str, int, NDArray[np.float32], "_Table", tuple["_Table", ...]]
"""An IntEnum takes one byte, any other int four."""


@dataclass(frozen=True)
class _Table:
    kind: str
    fields: Mapping[str, _Value]


def _table(kind: str, **fields: _Value) -> _Table:
    return _Table(kind, fields)


def model_metadata(metadata: Metadata, signature: Signature) -> bytes:
    """The flatbuffer for a model with one picture input [1, H, W, 3] and one output.

    An output of rank 4 is described as maps [1, h, w, C], any other as features.
    """
    (picture,), (output,) = signature.inputs, signature.outputs
    subgraph = _table(
        "SubGraphMetadata",
        input_tensor_metadata=(_input(picture, metadata.preprocessing),),
        output_tensor_metadata=(_output(output, metadata.postprocessing, metadata.labels),),
    )
    model = _table(
        "ModelMetadata",
        name=metadata.name,
        description=metadata.description,
        version=_VERSION,
        subgraph_metadata=(subgraph,),
        license=metadata.license,
        min_parser_version="1.0.0",
    )
    builder = flatbuffers.Builder(1024)
    builder.Finish(_written(builder, model), b"M001")
    return bytes(builder.Output())


def _input(spec: TensorSpec, preprocessing: Preprocessing) -> _Table:
    """A quantized input states the float one's normalization, as the schema asks."""
    height, width = preprocessing.size
    channels, fitted = preprocessing.channels, preprocessing.resize
    mean, scale = np.array(preprocessing.mean), np.array(preprocessing.scale)
    image = _table(
        "ImageProperties",
        color_space=_ColorSpace.RGB if channels == "RGB" else _ColorSpace.UNKNOWN,
        default_size=_table("ImageSize", width=width, height=height),
    )
    normalization = _table("NormalizationOptions", mean=_floats(mean), std=_floats(1 / scale))
    unit = _table("ProcessUnit", options_type=_ProcessUnit.NORMALIZATION, options=normalization)
    return _table(
        "TensorMetadata",
        name=spec.name,
        description=f"{channels} picture, {width} x {height} pixels, fitted by: {fitted}.",
        content=_table(
            "Content", content_properties_type=_ContentType.IMAGE, content_properties=image
        ),
        process_units=(unit,),
        stats=_stats(spec, mean, scale),
    )


def _stats(spec: TensorSpec, mean: NDArray[np.float64], scale: NDArray[np.float64]) -> _Table:
    ends = np.array([[0.0], [255.0]])
    values = ends if spec.dtype == "uint8" else (ends - mean) * scale
    return _table("Stats", max=_floats(values.max(axis=0)), min=_floats(values.min(axis=0)))


def _output(spec: TensorSpec, postprocessing: Postprocessing, labels: tuple[str, ...]) -> _Table:
    return _table(
        "TensorMetadata",
        name=spec.name,
        description=f"To be decoded over the last axis by: {postprocessing.decode}.",
        content=_maps() if len(spec.shape) == 4 else _features(),
        associated_files=(_labels(),) if labels else (),
    )


def _maps() -> _Table:
    """One grayscale picture for each index of the last axis, as official segmenters say it."""
    return _table(
        "Content",
        content_properties_type=_ContentType.IMAGE,
        content_properties=_table("ImageProperties", color_space=_ColorSpace.GRAYSCALE),
        range=_table("ValueRange", min=1, max=2),
    )


def _features() -> _Table:
    return _table(
        "Content",
        content_properties_type=_ContentType.FEATURE,
        content_properties=_table("FeatureProperties"),
    )


def _labels() -> _Table:
    return _table(
        "AssociatedFile",
        name=LABELS_FILE,
        description="One label a line, in the order of the last axis.",
        type=_FileType.TENSOR_AXIS_LABELS,
    )


def _floats(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype("<f4")


def _written(builder: Any, table: _Table) -> int:
    """Write `table` after what it points to; its offset."""
    children = {
        name: _child(builder, value)
        for name, value in table.fields.items()
        if not isinstance(value, int)
    }
    builder.StartObject(len(_FIELDS[table.kind]))
    for name, value in table.fields.items():
        slot = _FIELDS[table.kind].index(name)
        if isinstance(value, IntEnum):
            builder.PrependInt8Slot(slot, int(value), 0)
        elif isinstance(value, int):
            builder.PrependInt32Slot(slot, value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, children[name], 0)
    offset: int = builder.EndObject()
    return offset


def _child(builder: Any, value: _Value) -> int:
    offset: int
    if isinstance(value, str):
        offset = builder.CreateString(value)
    elif isinstance(value, np.ndarray):
        offset = builder.CreateNumpyVector(value)
    elif isinstance(value, _Table):
        offset = _written(builder, value)
    else:
        offset = _vector(builder, value)
    return offset


def _vector(builder: Any, tables: tuple[_Table, ...]) -> int:
    offsets = [_written(builder, table) for table in tables]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    vector: int = builder.EndVector()
    return vector
