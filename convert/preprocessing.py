"""How a picture becomes the model's input and the model's output becomes an answer, as data.

The same records stand in a recipe, beside each published file and in the graph's anatomy; what
applies them to arrays lies in `convert.pictures`.
"""

from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

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


class Postprocessing(Record):
    """From the model's float output to labels [H, W] of the picture, or to scores [C].

    In this order: `upsample` the map, `decode` it over its last axis, `unpad` (cut off what
    letterboxing added), `restore` (resize to the picture's own size). Scores [1, C] are only
    decoded; for them "argmax" is an error, for it leaves no scores. Labels are restored by nearest.
    """

    upsample: Upsampling | None = None
    decode: Literal["argmax", "softmax", "sigmoid", "none"] = "none"
    unpad: bool = False
    restore: Resampling | None = None

    @model_validator(mode="after")
    def _labels_stay_labels(self) -> Self:
        if self.decode == "argmax" and self.restore and self.restore.method != "nearest":
            raise ValueError("restore: labels (decode argmax) are restored by nearest only")
        return self
