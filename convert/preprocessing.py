"""How a picture becomes the model's input and the model's output becomes an answer, as data.

The same records stand in a recipe, beside each published file and in the graph's anatomy; what
applies them to arrays lies in `convert.pictures`.
"""

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from convert.vocabulary import Record

Size = tuple[PositiveInt, PositiveInt]
"""Height and width, in pixels."""


class Resampling(Record):
    """How a picture or a map changes its size.

    `corners` is TensorFlow's: "align" is align_corners=True, "half_pixel" is
    half_pixel_centers=True (also OpenCV's, PyTorch's and ONNX's default), "legacy" is neither.
    `antialias` widens the filter when shrinking, as Pillow does; it asks for bilinear and
    half_pixel.
    """

    method: Literal["bilinear", "nearest"] = "bilinear"
    corners: Literal["align", "half_pixel", "legacy"] = "half_pixel"
    antialias: bool = False

    @model_validator(mode="after")
    def _antialias_fits(self) -> Self:
        if self.antialias and (self.method, self.corners) != ("bilinear", "half_pixel"):
            raise ValueError("antialias asks for method bilinear and corners half_pixel")
        return self


class Preprocessing(Record):
    """From an RGB uint8 picture [H, W, 3] to the float input: fit it, then (pixel - mean) * scale.

    `resize`: "stretch" ignores the aspect ratio; "letterbox" keeps it, fits the whole picture and
    pads; "shrink" is letterbox that never enlarges; "crop" takes a central square, whose side is
    `crop_fraction` of the picture's shorter side (rounded), and stretches it. `pad_value` is in
    pixel units (0..255), before mean and scale. `anchor` says where the picture lies in a padded
    input. `rounding` is what a letterboxed side's length goes through before it is a whole number
    of at least 1 ("round": half to even, as TensorFlow rounds). `mean` and `scale` are in the
    order of `channels`.
    """

    size: Size
    resize: Literal["stretch", "letterbox", "shrink", "crop"] = "stretch"
    resampling: Resampling = Resampling()
    rounding: Literal["round", "floor", "ceil"] = "round"
    anchor: Literal["top_left", "center"] = "top_left"
    pad_value: float = Field(default=0.0, ge=0, le=255)
    crop_fraction: float = Field(default=1.0, gt=0, le=1)
    channels: Literal["RGB", "BGR"] = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @model_validator(mode="after")
    def _every_channel_counts(self) -> Self:
        if 0 in self.scale:
            raise ValueError("scale: 0 leaves nothing of a channel")
        return self


class Upsampling(Record):
    """The enlargement of an output map [1, h, w, C] to `size` before it is decoded."""

    size: Size
    resampling: Resampling = Resampling()


class AnchorSpec(Record):
    """The grid of boxes that a detector's boxes are told from.

    The keys, their meaning and their defaults are those of MediaPipe's `SsdAnchorsCalculator`
    (after Liu et al., "SSD: Single Shot MultiBox Detector", 2016), so that published options can be
    copied. Layers go from the finest to the coarsest; neighbours of one stride share their grid.
    Give `strides` (with `input_size`) or `feature_maps`.
    """

    input_size: Size | None = None
    strides: tuple[PositiveInt, ...] = ()
    feature_maps: tuple[Size, ...] = ()
    """Height and width of each layer's grid; instead of the strides."""
    min_scale: float = Field(default=0.2, gt=0)
    max_scale: float = Field(default=0.95, gt=0)
    """Sides of a square box on the first and the last layer, in parts of the input."""
    aspect_ratios: tuple[PositiveFloat, ...] = (1.0,)
    """Width over height."""
    interpolated_scale_aspect_ratio: float = Field(default=1.0, ge=0)
    """Of one more box, whose scale lies between this layer's and the next one's; 0: no such box."""
    reduce_boxes_in_lowest_layer: bool = False
    """The first layer has three boxes only."""
    fixed_anchor_size: bool = False
    """Every box is as large as the input: only the centres differ."""
    anchor_offset: tuple[float, float] = (0.5, 0.5)
    """Where in its cell a centre lies: y and x, in parts of the cell."""
    step: float | None = Field(default=None, gt=0)
    """The source keeps its anchors in eight bits, in multiples of this."""

    @model_validator(mode="after")
    def _one_way_to_the_grids(self) -> Self:
        if bool(self.strides) == bool(self.feature_maps):
            raise ValueError("give either strides (with input_size) or feature_maps")
        if self.strides and not self.input_size:
            raise ValueError("input_size: strides make grids of an input's size")
        return self


class Suppression(Record):
    """Which of many boxes are detections: by their scores, and less those that others cover."""

    score_threshold: float = Field(default=0.5, ge=0, le=1)
    iou_threshold: float = Field(default=0.5, gt=0, le=1)
    """A box that covers a better one by more is left out."""
    per_class: bool = True
    """Only boxes of one class leave each other out, and a box may be of several classes."""
    max_detections: PositiveInt = 100


class Upright(Record):
    """How far what a box holds is turned: told by the line from one key point to another.

    As MediaPipe's `DetectionsToRectsCalculator` has it (`rotation_vector_*`). What looks for points
    in the box is given it upright.
    """

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    """Numbers of key points, from 0 on."""
    degrees: float = 0.0
    """The line's angle where nothing is turned, anticlockwise from the right."""


class BoxDecoding(Suppression):
    """From raw boxes and scores, one for each anchor, to detections.

    A box's first four numbers are in `order`, each divided by its `scale`: the centre is moved by
    them in parts of the anchor's size, the size is the anchor's times the number itself
    ("linear", MediaPipe's detectors) or its power of e ("exponential", Faster R-CNN's coding, as
    `TFLite_Detection_PostProcess` has it). `keypoints` pairs follow, coded as the centre is.
    """

    boxes: str
    """The output [1, N, 4 + 2 * keypoints] of N anchors."""
    scores: str
    """The output [1, N, C]."""
    anchors: AnchorSpec
    order: Literal["yxhw", "xywh"] = "yxhw"
    scale: tuple[PositiveFloat, PositiveFloat, PositiveFloat, PositiveFloat] = (1, 1, 1, 1)
    """In the order of `order`."""
    size_coding: Literal["linear", "exponential"] = "linear"
    keypoints: int = Field(default=0, ge=0)
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    """What makes scores of 0 to 1."""
    score_clipping: float = Field(default=100.0, gt=0)
    """Scores are cut off here, up and down, before their activation."""
    background: bool = False
    """The first class is the background and never detected."""
    upright: Upright | None = None

    @model_validator(mode="after")
    def _upright_by_key_points(self) -> Self:
        line = self.upright
        if line and (max(line.start, line.end) >= self.keypoints or line.start == line.end):
            raise ValueError(
                f"upright: from key point {line.start} to {line.end}, of {self.keypoints}"
            )
        return self


class MergedDecoding(Suppression):
    """From one output of decoded boxes and their scores, as YOLO's exporters write it.

    A row is four numbers of a box, an objectness where there is one, and the scores of classes,
    all of 0 to 1; with objectness, a class's score is the product of both.
    """

    output: str | None = None
    """Which output, [1, N, D]; it can be left out where there is one."""
    transposed: bool = False
    """It is [1, D, N]."""
    box: Literal["xywh", "xyxy"] = "xywh"
    """The centre, width and height, or left, top, right and bottom."""
    units: Literal["pixels", "fractions"] = "pixels"
    """Of the box: the input's pixels, or parts of its sides."""
    objectness: bool = False
    """The fifth number is the chance that anything is there."""


class PointDecoding(Record):
    """From a flat output [1, ..., K * columns] to points: x, y, and further columns as they are."""

    output: str | None = None
    """Which output; it can be left out where there is one."""
    columns: int = Field(default=2, ge=2)
    units: Literal["pixels", "fractions"] = "pixels"
    """Of x and y: the input's pixels, or parts of its sides."""


class PictureDecoding(Record):
    """From an output [1, h, w, 3] to a picture: value * scale + offset, in levels of 0 to 255.

    What letterboxing added is cut off, and the rest gets the picture's own size.
    """

    output: str | None = None
    """Which output; it can be left out where there is one."""
    scale: float = 1.0
    offset: float = 0.0
    channels: Literal["RGB", "BGR"] = "RGB"
    """The order of the output's channels."""
    restore: Resampling = Resampling()

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if self.scale == 0:
            raise ValueError("scale: 0 leaves nothing of the picture")
        return self


class Postprocessing(Record):
    """From the model's float outputs to what it says of the picture.

    Of a map come labels [H, W] of the picture or values [H, W, C], in this order: `upsample` it,
    `decode` it over its last axis, `unpad` (cut off what letterboxing added), `restore` (resize to
    the picture's own size). Scores [1, C] are only decoded; for them "argmax" is an error, for it
    leaves no scores. Labels are restored by nearest. `boxes`, `merged`, `points`, `picture` or
    `tensors` stand instead of all that; several outputs without one of them are compared as they
    are, as with `tensors` one output is.
    """

    upsample: Upsampling | None = None
    decode: Literal["argmax", "softmax", "sigmoid", "none"] = "none"
    unpad: bool = False
    restore: Resampling | None = None
    boxes: BoxDecoding | None = None
    merged: MergedDecoding | None = None
    points: PointDecoding | None = None
    picture: PictureDecoding | None = None
    tensors: bool = False
    """The outputs' numbers are the answer, whatever they mean."""

    @property
    def whole(self) -> tuple[str, ...]:
        """The keys that stand instead of reading one map or scores."""
        keys = ("boxes", "merged", "points", "picture", "tensors")
        return tuple(key for key in keys if getattr(self, key))

    @model_validator(mode="after")
    def _labels_stay_labels(self) -> Self:
        if self.decode == "argmax" and self.restore and self.restore.method != "nearest":
            raise ValueError("restore: labels (decode argmax) are restored by nearest only")
        return self

    @model_validator(mode="after")
    def _one_kind_of_answer(self) -> Self:
        kinds = self.whole
        if len(kinds) > 1:
            raise ValueError(f"{' and '.join(kinds)}: an answer is one of them")
        of_maps = self.upsample or self.decode != "none" or self.unpad or self.restore
        if kinds and of_maps:
            raise ValueError(f"{kinds[0]} stands instead of upsample, decode, unpad and restore")
        return self
