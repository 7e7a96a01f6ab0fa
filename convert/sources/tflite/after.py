"""What a TFLite file does after its graph, as the anatomy says it."""

from dataclasses import asdict

from convert.anatomy import CutOff as Said
from convert.sources.tflite.cut_off import CutOff, DetectionPostprocess

_BOXES = ("boxes", "scores")
_MAPS = ("heatmaps", "offsets", "displacements")


def after(cut_off: CutOff) -> Said:
    """The operator that the reader ended before, what it reads, and its options."""
    boxes = isinstance(cut_off, DetectionPostprocess)
    operator = "TFLite_Detection_PostProcess" if boxes else "PosenetDecoderOp"
    roles = _BOXES if boxes else _MAPS
    fields = asdict(cut_off)
    options = {k: v for k, v in fields.items() if isinstance(v, bool | int | float)}
    what = _boxes(cut_off) if isinstance(cut_off, DetectionPostprocess) else _POSES
    told = ", ".join(f"{key} {_figure(value)}" for key, value in options.items())
    return Said(
        operator=operator,
        reads={role: str(fields[role]) for role in roles},
        options=options,
        says=f"{operator} is cut off, which no graph of TensorFlow's holds: {what}; {told}",
    )


_POSES = "it finds poses in the heatmaps, and follows the displacements from key point to key point"


def _boxes(cut_off: DetectionPostprocess) -> str:
    return (
        f"it moves {len(cut_off.anchors)} anchors by the boxes and keeps the best of those that "
        "overlap"
    )


def _figure(value: bool | int | float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}"
