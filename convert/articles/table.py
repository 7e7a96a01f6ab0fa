"""Which models are measured, on which runtimes, and what stands beside each other."""

from dataclasses import dataclass

from convert.vocabulary import Scheme


@dataclass(frozen=True, kw_only=True)
class Line:
    """One model of the tables."""

    title: str
    recipe: str
    """Its folder below models/out; with a size at its end where it is one of several."""
    made_by: str = ""
    """The recipe that makes it, where that has several sizes."""
    converter: bool = False
    """Whether the file that tensorflowjs_converter writes is measured beside ours."""

    @property
    def command(self) -> str:
        """What makes its files."""
        return f"convert run {self.made_by or self.recipe} --schemes {','.join(SCHEMES)}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One runtime of the tables."""

    title: str
    runtime: str
    schemes: tuple[Scheme, ...] = ("float32",)


SCHEMES: tuple[Scheme, ...] = ("float32", "uint8")
LINES = (
    Line(title="MobileNetV1 0.25, 128", recipe="mobilenet-v1-025-128"),
    Line(title="MobileNetV1 0.25, 160", recipe="mobilenet-v1-025-160"),
    Line(title="BlazeFace", recipe="blazeface"),
    Line(title="FaceMesh", recipe="facemesh"),
    Line(title="BodyPix 0.50", recipe="bodypix-050"),
    Line(title="Meet 96x160", recipe="meet-segmentation-96x160"),
    Line(title="Meet 128x128", recipe="meet-segmentation-128x128"),
    Line(title="Meet 144x256", recipe="meet-segmentation-144x256"),
    Line(title="Selfie segmentation", recipe="selfie-segmentation"),
    Line(title="DeepLab dm0.5, 257", recipe="deeplab-257"),
    Line(title="DeepLab dm0.5, 513", recipe="deeplab-mnv2-dm05", converter=True),
    Line(
        title="Cartoonization 192",
        recipe="white-box-cartoonization-192x192",
        made_by="white-box-cartoonization",
    ),
)
# tfjs stores in eight bits and computes in float32: its uint8 files take the time of its float32.
COLUMNS = (
    Column(title="tfjs plain JS", runtime="tfjs-cpu"),
    Column(title="tfjs WASM", runtime="tfjs-wasm"),
    Column(title="+ SIMD", runtime="tfjs-wasm-simd"),
    Column(title="+ threads", runtime="tfjs-wasm-threads"),
    Column(title="tfjs WebGL", runtime="tfjs-webgl"),
    Column(title="LiteRT.js compat", runtime="litert-web-compat", schemes=SCHEMES),
    Column(title="relaxed SIMD", runtime="litert-web", schemes=SCHEMES),
    Column(title="threads", runtime="litert-web-threads", schemes=SCHEMES),
    Column(title="ort-web", runtime="ort-web", schemes=SCHEMES),
    Column(title="LiteRT, native", runtime="litert", schemes=SCHEMES),
    Column(title="ONNX Runtime, native", runtime="onnxruntime", schemes=SCHEMES),
)
CONVERTER_ON = "tfjs-wasm-simd"
"""Where the converter's own file is measured."""
WEB = tuple(column.runtime for column in COLUMNS[:-2])
SIZES = (
    ("mobilenet-v1-025-160", "mobilenet-v1-025-128"),
    ("meet-segmentation-144x256", "meet-segmentation-96x160"),
    ("deeplab-mnv2-dm05", "deeplab-257"),
)
"""The larger and the smaller of one model."""
