"""A TFLite file says how it is fed and read, in the official place too, and runs as before."""

import io
import zipfile

import flatbuffers.table
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.schema_py_generated import Model, ModelT
from flatbuffers import number_types

from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Postprocessing, Preprocessing, Resampling, Upsampling
from convert.targets.base import Metadata
from convert.targets.tflite_metadata import with_metadata

SHAPE = (1, 8, 12, 3)
SCHEMES = ("float32", "float16", "uint8")
METADATA = Metadata(
    name="tiny",
    description="Three maps é",
    license="Apache-2.0",
    labels=("sky", "sea", "été"),
    preprocessing=Preprocessing(
        size=(8, 12), resize="letterbox", mean=(127.5, 100.0, 0.0), scale=(1 / 127.5, 0.5, 2.0)
    ),
    postprocessing=Postprocessing(
        upsample=Upsampling(size=(16, 24), resampling=Resampling(corners="align")), decode="argmax"
    ),
)


def converted(scheme: str, folder, pooled: bool = False) -> bytes:
    tf = tensorflow()
    rng = np.random.default_rng(5)
    kernel = tf.constant(rng.normal(size=(3, 3, 3, 3)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec(SHAPE, tf.float32, name="image")])
    def serve(image):
        maps = tf.nn.relu6(tf.nn.conv2d(image, kernel, 2, "SAME"))
        return {"logits": tf.reduce_mean(maps, [1, 2]) if pooled else maps}

    module = tf.Module()
    module.serve = serve
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    if scheme != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if scheme == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if scheme == "uint8":
        converter.representative_dataset = lambda: (
            [rng.uniform(-1, 1, SHAPE).astype(np.float32)] for _ in range(4)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter.convert()


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, bytes]:
    return {scheme: converted(scheme, tmp_path_factory.mktemp(scheme)) for scheme in SCHEMES}


def answer(model: bytes) -> tuple[np.ndarray, list[str]]:
    """The output for one fixed input, by the signature's names, and the operators that ran."""
    interpreter = Interpreter(model_content=model, num_threads=1)
    runner = interpreter.get_signature_runner("serving_default")
    wanted = runner.get_input_details()["image"]["dtype"]
    picture = np.random.default_rng(1).uniform(0, 255, SHAPE)
    ready = picture.astype(wanted) if wanted == np.uint8 else (picture / 255).astype(wanted)
    output = runner(image=ready)["logits"]
    return output, [op["op_name"] for op in interpreter._get_ops_details()]


def entry(model: bytes, name: str) -> bytes:
    unpacked = ModelT.InitFromPackedBuf(model, 0)
    (found,) = [entry for entry in unpacked.metadata if entry.name == name.encode()]
    return unpacked.buffers[found.buffer].data.tobytes()


class Node:
    """A table of any flatbuffer, read by slot numbers; None where a slot is not filled."""

    def __init__(self, buffer: bytes, position: int) -> None:
        self._table = flatbuffers.table.Table(buffer, position)

    @classmethod
    def root(cls, buffer: bytes) -> "Node":
        assert buffer[4:8] == b"M001"
        return cls(buffer, int.from_bytes(buffer[:4], "little"))

    def _at(self, slot: int) -> int:
        offset = self._table.Offset(4 + 2 * slot)
        assert offset, f"slot {slot} is empty"
        return self._table.Pos + offset

    def text(self, slot: int) -> str:
        return self._table.String(self._at(slot)).decode()

    def byte(self, slot: int) -> int:
        return self._table.Get(number_types.Uint8Flags, self._at(slot))

    def integer(self, slot: int) -> int:
        return self._table.Get(number_types.Int32Flags, self._at(slot))

    def child(self, slot: int) -> "Node":
        return Node(self._table.Bytes, self._table.Indirect(self._at(slot)))

    def children(self, slot: int) -> list["Node"]:
        field = self._at(slot) - self._table.Pos
        first, count = self._table.Vector(field), self._table.VectorLen(field)
        starts = (self._table.Indirect(first + 4 * place) for place in range(count))
        return [Node(self._table.Bytes, start) for start in starts]

    def floats(self, slot: int) -> np.ndarray:
        field = self._at(slot) - self._table.Pos
        first, count = self._table.Vector(field), self._table.VectorLen(field)
        return np.frombuffer(self._table.Bytes, np.float32, count, first)


def official(model: bytes) -> tuple[Node, Node, Node]:
    """The official metadata: of the model, of its input, of its output."""
    root = Node.root(entry(model, "TFLITE_METADATA"))
    (graph,) = root.children(3)
    (picture,), (output,) = graph.children(2), graph.children(3)
    return root, picture, output


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_file_answers_bit_for_bit_as_before_with_the_same_operators(models, scheme):
    before, after = answer(models[scheme]), answer(with_metadata(models[scheme], METADATA))
    assert np.array_equal(before[0], after[0])
    assert before[1] == after[1]
    assert "DELEGATE" in after[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_weight_and_what_the_converter_said_are_kept(models, scheme):
    before = ModelT.InitFromPackedBuf(models[scheme], 0)
    after = ModelT.InitFromPackedBuf(with_metadata(models[scheme], METADATA), 0)
    assert len(after.buffers) == len(before.buffers) + 2
    for old, new in zip(before.buffers, after.buffers, strict=False):
        assert np.array_equal(old.data, new.data)
    kept = [(old.name, old.buffer) for old in before.metadata]
    assert [(new.name, new.buffer) for new in after.metadata][: len(kept)] == kept


def test_weights_begin_at_multiples_of_sixteen_bytes_as_the_schema_asks(models):
    model = Model.GetRootAs(with_metadata(models["float32"], METADATA), 0)
    tables = [model.Buffers(place)._tab for place in range(model.BuffersLength())]
    starts = [table.Vector(table.Offset(4)) for table in tables if table.Offset(4)]
    assert starts
    assert all(start % 16 == 0 for start in starts)


def test_the_whole_record_can_be_read_back(models):
    written = entry(with_metadata(models["uint8"], METADATA), "convert")
    assert Metadata.model_validate_json(written) == METADATA


def test_official_readers_find_name_description_license_and_parser_version(models):
    root, _, _ = official(with_metadata(models["float32"], METADATA))
    assert root.text(0) == METADATA.name
    assert root.text(1) == METADATA.description
    assert root.text(5) == METADATA.license
    assert root.text(7) == "1.0.0"


def test_official_readers_find_an_rgb_picture_of_width_and_height(models):
    _, picture, _ = official(with_metadata(models["float32"], METADATA))
    assert picture.text(0) == "image"
    content = picture.child(3)
    assert content.byte(0) == 2  # ImageProperties
    assert content.child(1).byte(0) == 1  # RGB
    size = content.child(1).child(1)
    assert (size.integer(0), size.integer(1)) == (12, 8)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_official_normalization_is_the_recipes_for_every_scheme(models, scheme):
    _, picture, _ = official(with_metadata(models[scheme], METADATA))
    (unit,) = picture.children(4)
    assert unit.byte(0) == 1  # NormalizationOptions
    mean, std = unit.child(1).floats(0), unit.child(1).floats(1)
    pixel = np.array([0.0, 128.0, 255.0])[:, None]
    ours = (pixel - METADATA.preprocessing.mean) * METADATA.preprocessing.scale
    np.testing.assert_allclose((pixel - mean) / std, ours, rtol=1e-6)


def test_the_value_range_is_the_input_tensors_own(models):
    bounds = {}
    for scheme in ("float32", "uint8"):
        stats = official(with_metadata(models[scheme], METADATA))[1].child(5)
        bounds[scheme] = stats.floats(1).tolist(), stats.floats(0).tolist()
    assert bounds == {"float32": ([-1, -50, 0], [1, 77.5, 510]), "uint8": ([0], [255])}


def test_labels_are_a_plain_file_that_the_output_names(models):
    model = with_metadata(models["float32"], METADATA)
    output = official(model)[2]
    assert output.text(0) == "logits"
    (labels,) = output.children(6)
    assert labels.byte(2) == 2  # TENSOR_AXIS_LABELS
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        (packed,) = archive.infolist()
        assert packed.filename == labels.text(0)
        assert packed.compress_type == zipfile.ZIP_STORED
        assert tuple(archive.read(packed).decode().split()) == METADATA.labels


def test_maps_are_told_from_scores(models, tmp_path):
    maps = official(with_metadata(models["float32"], METADATA))[2].child(3)
    assert maps.byte(0) == 2  # ImageProperties
    assert (maps.child(2).integer(0), maps.child(2).integer(1)) == (1, 2)
    scores = converted("float32", tmp_path, pooled=True)
    assert official(with_metadata(scores, METADATA))[2].child(3).byte(0) == 1  # FeatureProperties


def test_without_labels_no_archive_is_appended(models):
    bare = with_metadata(models["float32"], METADATA.model_copy(update={"labels": ()}))
    assert not zipfile.is_zipfile(io.BytesIO(bare))
    assert official(bare)[2].children(6) == []


def test_the_same_model_and_metadata_give_the_same_bytes(models):
    first, second = (with_metadata(models["float16"], METADATA) for _ in range(2))
    assert first == second
