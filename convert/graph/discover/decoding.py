"""How a detector that suppresses boxes itself decodes them: read by feeding it boxes and scores.

The graph is given zeros and ones in the place of what its network says; what becomes of them tells
anchors, coder and activation, whichever ops they are made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.graph.discover.anchor_grid import Grid, fit_anchors
from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Array, Probe, noise
from convert.graph.discover.suppression import suppressing
from convert.graph.discover.thresholds import thresholds
from convert.graph.discover.values import tidy
from convert.pictures.boxes import decoded_boxes
from convert.pictures.decode import DECODERS
from convert.preprocessing import BoxDecoding, Size

_BOX = 4
_CLOSE = 1e-4
_SPREAD = 3.0
"""Of the logits that tell an activation."""
_ORDERS: Mapping[tuple[int, ...], Literal["yxhw", "xywh"]] = {
    (0, 1, 2, 3): "yxhw",
    (1, 0, 3, 2): "xywh",
}


@dataclass(frozen=True, kw_only=True)
class _Detector:
    """A graph that is fed in the midst: raw boxes [1, N, 4] and scores [1, N, C]."""

    flow: Flow
    probe: Probe
    boxes: str
    scores: str
    count: int
    classes: int

    def run(self, boxes: Array, scores: Array, names: list[str]) -> list[Array] | None:
        """What nodes give for raw boxes and scores."""
        picture = noise(self.probe.allowed((64, 48)))
        return self.probe.run(picture, names, {self.boxes: boxes, self.scores: scores})

    def zeros(self) -> tuple[Array, Array]:
        """Boxes and scores that say nothing."""
        boxes = np.zeros((1, self.count, _BOX), np.float32)
        return boxes, np.zeros((1, self.count, self.classes), np.float32)

    def last(self, root: str, other: str, sizes: set[int]) -> str | None:
        """The last node that one root alone decides, before the suppression, of a size [N * ...].

        Its last axis has sizes / N values.
        """
        before = set().union(*(self.flow.upstream(name) for name in suppressing(self.flow)))
        switches = [n.name for n in self.flow.graph.graph_def.node if n.op == "Switch"]
        # Behind a Switch, a value may never come.
        alone = self.flow.reached([root], _any) - self.flow.reached([other, *switches], _any)
        names = sorted(before & alone - {root}, key=lambda name: len(self.flow.upstream(name)))
        arrays = self.run(*self.zeros(), names) or []
        fits = [
            name
            for name, array in zip(names, arrays, strict=False)
            if array.size in sizes
            and array.dtype.kind == "f"
            and array.shape[-1] * self.count == array.size
        ]
        return fits[-1] if fits else None


def read_decoding(
    flow: Flow, probe: Probe, ends: Mapping[str, str], shape: tuple[int, int], size: Size
) -> BoxDecoding | None:
    """What the graph makes of its raw `ends` (boxes and scores, of `shape` N and C).

    `size` is the network's input. None where it is more than anchors, an activation and
    suppression, or where the graph cannot be run.
    """
    count, classes = shape
    one = _Detector(
        flow=flow,
        probe=probe,
        boxes=ends["boxes"],
        scores=ends["scores"],
        count=count,
        classes=classes,
    )
    coded, likely = _coded(one, size), _likely(one)
    if coded is None or likely is None:
        return None
    limits = thresholds(flow, probe)
    how = BoxDecoding.model_validate(
        {"boxes": "boxes", "scores": "scores", **coded, **likely, **limits}
    )
    return how if _is_right(one, how) else None


def _coded(one: _Detector, size: Size) -> dict[str, Any] | None:
    """Anchors, and the coder of boxes."""
    node = one.last(one.boxes, one.scores, {one.count * _BOX})
    still = _centred(one, node, None) if node else None
    if node is None or still is None or (still[:, 2:] <= 0).any():
        return None
    moved = [_centred(one, node, place) for place in range(_BOX)]
    spec = fit_anchors(still, size)
    if spec is None or any(m is None for m in moved):
        return None
    responses = [_response(still, m) for m in moved if m is not None]
    order = _ORDERS.get(tuple(int(np.argmax(np.abs(r))) for r in responses))
    if order is None:
        return None
    scale = [tidy(float(f"{1 / float(np.abs(r).max()):.5g}")) for r in responses]
    return {"anchors": spec, "order": order, "scale": scale, "size_coding": "exponential"}


def _centred(one: _Detector, node: str, place: int | None) -> Grid | None:
    """Decoded boxes as centres and sides, with a one at a place of each raw box."""
    boxes, scores = one.zeros()
    if place is not None:
        boxes[..., place] = 1
    arrays = one.run(boxes, scores, [node])
    if arrays is None:
        return None
    top, left, bottom, right = arrays[0].reshape(-1, _BOX).astype(np.float64).T
    sides = (top + bottom) / 2, (left + right) / 2, bottom - top, right - left
    return np.asarray(np.stack(sides, axis=1), np.float64)


def _response(still: Grid, moved: Grid) -> NDArray[np.float64]:
    """How a one moves the centre, in sides, and the logarithm of the sides: [4]."""
    shift = (moved[:, :2] - still[:, :2]) / still[:, 2:]
    growth = np.log(np.maximum(moved[:, 2:], 1e-9) / still[:, 2:])
    return np.asarray(np.median(np.concatenate([shift, growth], axis=1), axis=0))


def _likely(one: _Detector) -> dict[str, Any] | None:
    """What makes probabilities of scores, and whether the first class is left out."""
    sizes = {one.count * one.classes, one.count * (one.classes - 1)} - {0}
    node = one.last(one.scores, one.boxes, sizes)
    if node is None:
        return {"activation": "none", "background": False}
    draw = np.random.default_rng(0)
    boxes, scores = one.zeros()
    scores = np.asarray(draw.normal(0, _SPREAD, scores.shape), np.float32)
    arrays = one.run(boxes, scores, [node])
    found = arrays[0].reshape(one.count, -1) if arrays else np.zeros((0, 0))
    for activation in ("sigmoid", "softmax", "none"):
        made = DECODERS[activation](scores[0])
        for background, wanted in ((False, made), (True, made[:, 1:])):
            if found.shape == wanted.shape and np.abs(found - wanted).max(initial=0) < _CLOSE:
                return {"activation": activation, "background": background}
    return None


def _is_right(one: _Detector, how: BoxDecoding) -> bool:
    """Whether a recipe's decoding gives the graph's own boxes, of boxes at random."""
    node = one.last(one.boxes, one.scores, {one.count * _BOX})
    boxes, scores = one.zeros()
    boxes = np.asarray(np.random.default_rng(1).normal(size=boxes.shape), np.float32)
    arrays = one.run(boxes, scores, [node]) if node else None
    if arrays is None:
        return False
    wanted = arrays[0].reshape(-1, _BOX)
    found = decoded_boxes(boxes[0], how)[:, :2].reshape(-1, _BOX)
    return bool(np.abs(found - wanted).max() < 10 * _CLOSE)


def _any(node: Any) -> bool:
    return True
