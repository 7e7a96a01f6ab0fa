"""What the standard ModelMetadata says of a model: its picture input, its output, its labels.

TensorFlow Lite Support, MediaPipe and Android Studio read it.
"""

import numpy as np
from numpy.typing import NDArray

from convert.preprocessing import Postprocessing, Preprocessing
from convert.signature import Signature, TensorSpec
from convert.targets.base import Metadata
from convert.targets.tflite_metadata_schema import (
    ColorSpace,
    ContentType,
    FileType,
    ProcessUnitType,
    Table,
    flatbuffer,
    table,
)

LABELS_FILE = "labels.txt"

_VERSION = "1"  # Of the model itself; no recipe counts it.

_OLDEST_PARSER = "1.0.0"  # Nothing is written that came into the schema later.


def model_metadata(metadata: Metadata, signature: Signature) -> bytes:
    """The flatbuffer for a model with one picture input [1, H, W, 3].

    An output of rank 4 is described as maps [1, h, w, C], any other as features; the labels are
    those of each output whose last axis is as long.
    """
    (picture,) = signature.inputs
    outputs = (
        _output(spec, metadata.postprocessing, metadata.labels) for spec in signature.outputs
    )
    subgraph = table(
        "SubGraphMetadata",
        input_tensor_metadata=(_input(picture, metadata.preprocessing),),
        output_tensor_metadata=tuple(outputs),
    )
    model = table(
        "ModelMetadata",
        name=metadata.name,
        description=metadata.description,
        version=_VERSION,
        subgraph_metadata=(subgraph,),
        license=metadata.license,
        min_parser_version=_OLDEST_PARSER,
    )
    return flatbuffer(model)


def _input(spec: TensorSpec, preprocessing: Preprocessing) -> Table:
    """A quantized input states the float one's normalization, as the schema asks."""
    height, width = preprocessing.size
    channels, fitted = preprocessing.channels, preprocessing.resize
    mean, scale = np.array(preprocessing.mean), np.array(preprocessing.scale)
    image = table(
        "ImageProperties",
        color_space=ColorSpace.RGB if channels == "RGB" else ColorSpace.UNKNOWN,
        default_size=table("ImageSize", width=width, height=height),
    )
    normalization = table("NormalizationOptions", mean=_floats(mean), std=_floats(1 / scale))
    unit = table("ProcessUnit", options_type=ProcessUnitType.NORMALIZATION, options=normalization)
    return table(
        "TensorMetadata",
        name=spec.name,
        description=f"{channels} picture, {width} x {height} pixels, fitted by: {fitted}.",
        content=table(
            "Content", content_properties_type=ContentType.IMAGE, content_properties=image
        ),
        process_units=(unit,),
        stats=_stats(spec, mean, scale),
    )


def _stats(spec: TensorSpec, mean: NDArray[np.float64], scale: NDArray[np.float64]) -> Table:
    ends = np.array([[0.0], [255.0]])
    values = ends if spec.dtype == "uint8" else (ends - mean) * scale
    return table("Stats", max=_floats(values.max(axis=0)), min=_floats(values.min(axis=0)))


def _output(spec: TensorSpec, postprocessing: Postprocessing, labels: tuple[str, ...]) -> Table:
    return table(
        "TensorMetadata",
        name=spec.name,
        description=f"To be decoded over the last axis by: {postprocessing.decode}.",
        content=_maps() if len(spec.shape) == 4 else _features(),
        associated_files=(_labels(),) if labels and spec.shape[-1] == len(labels) else (),
    )


def _maps() -> Table:
    """One grayscale picture for each index of the last axis, as official segmenters say it."""
    return table(
        "Content",
        content_properties_type=ContentType.IMAGE,
        content_properties=table("ImageProperties", color_space=ColorSpace.GRAYSCALE),
        range=table("ValueRange", min=1, max=2),
    )


def _features() -> Table:
    return table(
        "Content",
        content_properties_type=ContentType.FEATURE,
        content_properties=table("FeatureProperties"),
    )


def _labels() -> Table:
    return table(
        "AssociatedFile",
        name=LABELS_FILE,
        description="One label a line, in the order of the last axis.",
        type=FileType.TENSOR_AXIS_LABELS,
    )


def _floats(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype("<f4")
