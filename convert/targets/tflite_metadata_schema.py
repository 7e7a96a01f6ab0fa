"""The official metadata schema of TFLite files as tables and slots, and what writes them.

After metadata_schema.fbs ("M001") of TensorFlow Lite Support, as far as convert fills it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias, Union

import flatbuffers
import numpy as np
from numpy.typing import NDArray

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


class ContentType(IntEnum):
    """Of the union ContentProperties."""

    FEATURE = 1
    IMAGE = 2


class ColorSpace(IntEnum):
    """ColorSpaceType."""

    UNKNOWN = 0
    RGB = 1
    GRAYSCALE = 2


class ProcessUnitType(IntEnum):
    """Of the union ProcessUnitOptions."""

    NORMALIZATION = 1


class FileType(IntEnum):
    """AssociatedFileType."""

    TENSOR_AXIS_LABELS = 2


Value: TypeAlias = Union[str, int, NDArray[np.float32], "Table", tuple["Table", ...]]
"""Of a field; an IntEnum takes one byte, any other int four."""


@dataclass(frozen=True)
class Table:
    """A table of the schema, with the fields that are given."""

    kind: str
    fields: Mapping[str, Value]


def table(kind: str, **fields: Value) -> Table:
    """A table with its fields, all by the names that the schema has for them."""
    return Table(kind, fields)


def flatbuffer(root: Table) -> bytes:
    """`root` and all below it as a flatbuffer with the file identifier "M001"."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(_written(builder, root), b"M001")
    return bytes(builder.Output())


def _written(builder: Any, node: Table) -> int:
    """Write `node` after what it points to; its offset."""
    children = {
        name: _child(builder, value)
        for name, value in node.fields.items()
        if not isinstance(value, int)
    }
    builder.StartObject(len(_FIELDS[node.kind]))
    for name, value in node.fields.items():
        slot = _FIELDS[node.kind].index(name)
        if isinstance(value, IntEnum):
            builder.PrependInt8Slot(slot, int(value), 0)
        elif isinstance(value, int):
            builder.PrependInt32Slot(slot, value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, children[name], 0)
    offset: int = builder.EndObject()
    return offset


def _child(builder: Any, value: Value) -> int:
    offset: int
    if isinstance(value, str):
        offset = builder.CreateString(value)
    elif isinstance(value, np.ndarray):
        offset = builder.CreateNumpyVector(value)
    elif isinstance(value, Table):
        offset = _written(builder, value)
    elif isinstance(value, tuple):
        offset = _vector(builder, value)
    else:
        raise TypeError(f"a number lies in its table itself: {value!r}")
    return offset


def _vector(builder: Any, tables: tuple[Table, ...]) -> int:
    offsets = [_written(builder, node) for node in tables]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    vector: int = builder.EndVector()
    return vector
