"""Every real .tflite model, read into a graph, answers as LiteRT does on real pictures."""

from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from convert import recipes
from convert.graph.carry_ranges import carry_ranges
from convert.graph.cut import renamed
from convert.graph.discover.leftovers import settled
from convert.graph.run import function
from convert.pipeline.core import ends
from convert.recipe import Cut
from convert.sources.examine import examine
from convert.sources.ranges import known_ranges
from convert.sources.tflite.cut_off import DetectionPostprocess, PoseDecoding
from convert.sources.tflite.reader import read_tflite
from convert.stages.cut import cut
from convert.stages.inspect import inspect

pytestmark = pytest.mark.shared

FLOAT = [
    "deeplabv3_257_mv_gpu.tflite",
    "segm_full_v679.tflite",
    "segm_lite_v681.tflite",
    "segm_lite_v509.tflite.bin",
    "selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16.tflite",
    "body-pix-float-050-8.tflite",
    "face_detection_short_range.bin",
    "face_landmark.bin",
    "palm_detection_lite.bin",
    "hand_landmark_lite.bin",
]
QUANTIZED = [
    "mobilenet_v1_0.25_128_quant.tflite",
    "mobilenet_v2_1.0_224_quant.tflite",
    "tf2_mobilenet_v2_1.0_224_ptq.tflite",
    "detect.tflite",
    "posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite",
]
LABELS = ["deeplabv3_mnv2_dm05_pascal_quant.tflite", "deeplabv3_mnv2_pascal_quant.tflite"]

PICTURES = 3


def model(shared, name) -> Path:
    (found,) = (shared / "mirror").rglob(name)
    return found


def pictures(shared, detail):
    """[1, H, W, 3] each: bytes for a uint8 input, -1 to 1 for a float one."""
    height, width = detail["shape"][1:3]
    files = sorted((shared / "data/VOC2012/JPEGImages").iterdir())
    for file in files[:: len(files) // PICTURES][:PICTURES]:
        image = Image.open(file).convert("RGB").resize((width, height))
        bytes_ = np.asarray(image, np.uint8)[np.newaxis]
        yield bytes_ if detail["dtype"] == np.uint8 else bytes_.astype(np.float32) / 127.5 - 1


def uncut(path, folder):
    """The file less its last operator, which stock LiteRT may not know."""
    whole = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    graph = whole.subgraphs[0]
    last = graph.operators.pop()
    made = {int(i) for op in graph.operators for i in op.outputs}
    graph.outputs = [i for i in last.inputs if int(i) in made]
    builder = flatbuffers.Builder(1024)
    builder.Finish(whole.Pack(builder), b"TFL3")
    written = folder / path.name
    written.write_bytes(bytes(builder.Output()))
    return written


class Litert:
    """The original file, with what its outputs stand for in real units."""

    def __init__(self, path, resolver=OpResolverType.AUTO):
        self.interpreter = Interpreter(str(path), experimental_op_resolver_type=resolver)
        self.interpreter.allocate_tensors()
        (self.input,) = self.interpreter.get_input_details()

    def __call__(self, image):
        self.interpreter.set_tensor(self.input["index"], image)
        self.interpreter.invoke()
        return [self.real(detail) for detail in self.interpreter.get_output_details()]

    def real(self, detail):
        found = self.interpreter.get_tensor(detail["index"])
        scale, zero = detail["quantization"]
        return (found.astype(np.float32) - zero) * np.float32(scale) if scale else found


def answers(call, images):
    """One array of all pictures' answers for each output."""
    return [np.concatenate(made) for made in zip(*map(call, images), strict=True)]


@pytest.mark.parametrize("name", FLOAT)
def test_a_float_model_answers_within_a_thousandth_of_its_range(shared, name):
    path = model(shared, name)
    litert = Litert(path)
    images = list(pictures(shared, litert.input))
    read = read_tflite(path)
    assert read.cut_off is None
    for found, wanted in zip(
        answers(function(read.graph), images), answers(litert, images), strict=True
    ):
        span = max(np.ptp(wanted), np.abs(wanted).max())
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() <= 1e-3 * span


def differences(shared, name, folder):
    """Mean difference to LiteRT by output: the float graph's, with ranges, its own plain kernels'.

    LiteRT's optimized and plain kernels round differently: what lies between them is the noise
    that a faithful reading may have.
    """
    path = model(shared, name)
    cut_off = read_tflite(path).cut_off is not None
    runnable = uncut(path, folder) if cut_off else path
    litert = Litert(runnable)
    images = list(pictures(shared, litert.input))
    calls = [
        function(read_tflite(path).graph),
        function(read_tflite(path, keep_ranges=True).graph),
        Litert(runnable, OpResolverType.BUILTIN_REF),
    ]
    wanted = answers(litert, images)
    return wanted, [answers(call, images) for call in calls]


@pytest.mark.slow
@pytest.mark.parametrize("name", QUANTIZED)
def test_a_quantized_model_s_float_graph_is_what_its_integers_stand_for(shared, name, tmp_path):
    wanted, (plain, held, reference) = differences(shared, name, tmp_path)
    for true, *made in zip(wanted, plain, held, reference, strict=True):
        by_float, by_held, by_reference = (np.abs(m - true).mean() / np.ptp(true) for m in made)
        assert np.corrcoef(made[0].ravel(), true.ravel())[0, 1] > 0.98
        assert by_float < 0.01
        assert by_held < max(1.5 * by_reference, 5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", LABELS)
def test_a_quantized_segmenter_gives_the_same_labels(shared, name, tmp_path):
    (wanted,), made = differences(shared, name, tmp_path)
    plain, held, reference = (np.mean(labels == wanted) for (labels,) in made)
    assert plain > 0.97
    assert held > reference - 0.002


def test_the_detector_s_anchors_and_thresholds_are_told(shared):
    cut_off = read_tflite(model(shared, "detect.tflite")).cut_off
    assert isinstance(cut_off, DetectionPostprocess)
    assert cut_off.anchors.shape == (1917, 4)
    assert (cut_off.classes, cut_off.max_detections) == (90, 10)
    assert cut_off.iou_threshold == pytest.approx(0.6)
    assert (cut_off.y_scale, cut_off.h_scale) == (10, 5)


def test_poses_end_before_their_decoder(shared):
    read = read_tflite(model(shared, QUANTIZED[-1]))
    assert isinstance(read.cut_off, PoseDecoding)
    assert (read.cut_off.stride, read.cut_off.max_detections) == (16, 20)
    shapes = read.graph.shapes()
    assert [shapes[name][-1] for name in read.graph.outputs] == [17, 34, 64]


@pytest.mark.parametrize(
    ("name", "task", "classes"),
    [
        ("deeplabv3_257_mv_gpu.tflite", "segmentation", 21),
        ("deeplabv3_mnv2_dm05_pascal_quant.tflite", "segmentation", 21),
        ("segm_full_v679.tflite", "segmentation", 2),
        ("selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16.tflite", "segmentation", 2),
        ("mobilenet_v2_1.0_224_quant.tflite", "classification", 1001),
        ("tf2_mobilenet_v2_1.0_224_ptq.tflite", "classification", 1001),
    ],
)
def test_what_a_model_is_for_is_found_from_its_graph(shared, name, task, classes):
    anatomy = examine(model(shared, name))
    assert (anatomy.file.format, anatomy.task, anatomy.classes) == ("tflite", task, classes)
    if "quant" in name or "ptq" in name:
        assert anatomy.front.confirmed


@pytest.mark.parametrize(
    ("recipe", "name"),
    [
        ("mobilenet-v2-qat", "mobilenet_v2_1.0_224_quant.tflite"),
        ("mobilenet-v2-ptq", "tf2_mobilenet_v2_1.0_224_ptq.tflite"),
        ("coco-ssd", "detect.tflite"),
    ],
)
def test_every_range_inside_the_cut_is_told_by_the_core_s_nodes(shared, recipe, name):
    path, wanted = model(shared, name), recipes.load(recipes.find(recipe))
    at = ends(_named(path, wanted.cut), wanted.preprocessing)
    steps = cut(settled(read_tflite(path).graph, at.original_input), at, wanted.preprocessing.size)
    known, core = known_ranges(path, "tflite"), list(steps.values())[-1]
    moved = renamed(at.start, at.ends, at.input_name)
    found = carry_ranges(known, moved, steps["cut"], core)
    assert found.keys() <= core.nodes.keys()
    assert found[at.input_name][0] < 0 < found[at.input_name][1]
    inside = {n for n in known if moved.get(n, n) in steps["cut"].nodes}
    assert len(inside) > 60
    assert len(found) >= len(inside)
    kept = [node for node in core.graph_def.node if node.op in ("Relu6", "AddV2", "ConcatV2")]
    assert not [node.name for node in kept if node.name not in found]


def _named(path, given: Cut) -> Cut:
    """The recipe's cut with its gaps filled in."""
    if not given.missing:
        return given
    found = inspect(path).cut.model_dump()
    return Cut.model_validate({**found, **given.model_dump(exclude_defaults=True)})
