"""Operators that no other runtime has: the graph ends before them, and what they do is data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.sources.tflite.emit import Site

_BROKEN = (ValueError, IndexError, KeyError, TypeError, OverflowError, RecursionError)
"""What the flexbuffers library raises where an offset leads astray."""


@dataclass(frozen=True, kw_only=True)
class DetectionPostprocess:
    """`TFLite_Detection_PostProcess`: boxes from anchors, then non-maximum suppression.

    A box is decoded as in Faster R-CNN: centre y = y / y_scale * anchor height + anchor y, height
    = exp(h / h_scale) * anchor height; x and width alike. Scores are probabilities.
    """

    boxes: str
    """Node, [1, N, 4]: y, x, h, w relative to the anchors."""
    scores: str
    """Node, [1, N, classes, or classes + 1 with the background first]."""
    anchors: NDArray[np.float32]
    """[N, 4]: centre y, centre x, height, width; 0 to 1 of the picture."""
    classes: int
    max_detections: int
    max_classes_per_detection: int
    detections_per_class: int
    regular_nms: bool
    """By class; otherwise once for all classes, by each box's best."""
    score_threshold: float
    iou_threshold: float
    y_scale: float
    x_scale: float
    h_scale: float
    w_scale: float


@dataclass(frozen=True, kw_only=True)
class PoseDecoding:
    """`PosenetDecoderOp`: poses from heatmaps and displacements (Papandreou et al. 2018)."""

    heatmaps: str
    """Node, [1, h, w, 17]: logits of the key points."""
    offsets: str
    """Node, [1, h, w, 34]: y of all key points, then x, in pixels of the picture."""
    displacements: str
    """Node, [1, h, w, 64]: to the next key point of the 16 edges, y and x forwards, then back."""
    max_detections: int
    score_threshold: float
    stride: int
    """Pixels of the picture to a cell of the maps."""
    nms_radius: float
    """In pixels of the picture."""


CutOff = DetectionPostprocess | PoseDecoding


def _options(site: Site) -> Callable[[str, Any], Any]:
    """A look-up in the operator's flexbuffer map, of a number with a default."""
    from flatbuffers import flexbuffers

    try:
        root = flexbuffers.GetRoot(site.operator.custom_options).AsMap
        keys = [key.AsKey for key, _ in zip(root.Keys, range(64), strict=False)]
        values = {key: root.Values[place].Value for place, key in enumerate(keys)}
    except _BROKEN as error:
        raise site.damaged(f"has options that are no flexbuffer: {error}") from error

    def look_up(name: str, default: Any) -> Any:
        found = values.get(name, default)
        if not isinstance(found, bool | int | float):
            raise _no_number(site, name)
        return type(default)(found)

    return look_up


def _no_number(site: Site, name: str) -> SourceError:
    return site.damaged(f"has an option {name!r} that is no number")


def _node(site: Site, number: int) -> str:
    site.read(number)
    return site.network.names[site.tensor(number).index]


def detection_postprocess(site: Site) -> DetectionPostprocess:
    """The record of a TFLite_Detection_PostProcess."""
    option = _options(site)
    return DetectionPostprocess(
        boxes=_node(site, 0),
        scores=_node(site, 1),
        anchors=np.asarray(site.fixed(2), np.float32),
        classes=option("num_classes", 0),
        max_detections=option("max_detections", 0),
        max_classes_per_detection=option("max_classes_per_detection", 1),
        detections_per_class=option("detections_per_class", 100),
        regular_nms=option("use_regular_nms", False),
        score_threshold=option("nms_score_threshold", 0.0),
        iou_threshold=option("nms_iou_threshold", 0.0),
        y_scale=option("y_scale", 1.0),
        x_scale=option("x_scale", 1.0),
        h_scale=option("h_scale", 1.0),
        w_scale=option("w_scale", 1.0),
    )


def pose_decoding(site: Site) -> PoseDecoding:
    """The record of a PosenetDecoderOp."""
    option = _options(site)
    return PoseDecoding(
        heatmaps=_node(site, 0),
        offsets=_node(site, 1),
        displacements=_node(site, 2),
        max_detections=option("max_detections", 0),
        score_threshold=option("score_threshold", 0.0),
        stride=option("stride", 0),
        nms_radius=option("nms_radius", 0.0),
    )


CUT_OFF: Mapping[str, Callable[[Site], CutOff]] = {
    "TFLite_Detection_PostProcess": detection_postprocess,
    "PosenetDecoderOp": pose_decoding,
}
