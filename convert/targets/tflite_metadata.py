"""What a TFLite file says of itself: the standard metadata, its labels file, and convert's own.

The standard is "Adding metadata to TensorFlow Lite models" (TensorFlow Lite Support): a metadata
entry `TFLITE_METADATA` in the flatbuffer, and the files that it names in a zip behind it. What
the standard cannot say, such as letterboxing and upsampling, stands whole in the entry `convert`.
"""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

from convert.signature import Signature, TensorSpec
from convert.targets.base import Metadata
from convert.targets.tflite_model_metadata import LABELS_FILE, model_metadata
from convert.targets.tflite_packing import packed
from convert.vocabulary import DType

_DTYPES: Mapping[int, DType] = {
    0: "float32",
    1: "float16",
    2: "int32",
    3: "uint8",
    4: "int64",
    9: "int8",
}
"""By the numbers of the TFLite schema's TensorType."""

_OLDEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def with_metadata(flatbuffer: bytes, metadata: Metadata) -> bytes:
    """The model `flatbuffer` ("TFL3", with one signature) with its metadata; the same every time.

    The entry `convert` is `metadata` as JSON. Labels, where there are any, are one a line in
    `labels.txt`, stored without compression in a zip that begins where the flatbuffer ends.
    """
    from ai_edge_litert.schema_py_generated import ModelT

    model = ModelT.InitFromPackedBuf(flatbuffer, 0)
    _add_entry(model, "TFLITE_METADATA", model_metadata(metadata, _signature(model)))
    _add_entry(model, "convert", metadata.model_dump_json().encode())
    return _with_labels(packed(model), metadata.labels)


def _signature(model: Any) -> Signature:
    signature = model.signatureDefs[0]
    graph = model.subgraphs[signature.subgraphIndex]
    order = list(graph.outputs)
    return Signature(
        inputs=tuple(_spec(entry, graph) for entry in signature.inputs),
        # The metadata's order is the graph's, which is not always the signature's.
        outputs=tuple(
            _spec(entry, graph)
            for entry in sorted(signature.outputs, key=lambda entry: order.index(entry.tensorIndex))
        ),
    )


def _spec(entry: Any, graph: Any) -> TensorSpec:
    tensor = graph.tensors[entry.tensorIndex]
    return TensorSpec(
        name=entry.name.decode(),
        dtype=_DTYPES[tensor.type],
        shape=tuple(int(side) for side in tensor.shape),
    )


def _add_entry(model: Any, name: str, content: bytes) -> None:
    from ai_edge_litert.schema_py_generated import BufferT, MetadataT

    model.metadata = [*(model.metadata or []), MetadataT(name=name, buffer=len(model.buffers))]
    model.buffers.append(BufferT(data=np.frombuffer(content, np.uint8)))


def _with_labels(flatbuffer: bytes, labels: tuple[str, ...]) -> bytes:
    if not labels:
        return flatbuffer
    entry = zipfile.ZipInfo(LABELS_FILE, _OLDEST_ZIP_DATE)
    entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, whatever runs this
    file = BytesIO(flatbuffer)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, "".join(f"{label}\n" for label in labels))
    return file.getvalue()
