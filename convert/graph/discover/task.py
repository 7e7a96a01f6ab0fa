"""What a network is for, from its output's shape and how it is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass

from convert.anatomy import Back, Shape
from convert.preprocessing import Postprocessing
from convert.vocabulary import Task

_MAP_RANK, _SCORES_RANK = 4, 2
_PICTURE_CHANNELS = 3


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """The task (None: not told), its classes, and the postprocessing, completed by a guess."""

    task: Task | None
    classes: int | None
    back: Back
    says: str


def guess_purpose(back: Back, output: Shape | None, ops: Mapping[str, int]) -> Purpose:
    """The purpose of a core whose output has this shape, NHWC."""
    if any(op.startswith("NonMaxSuppression") for op in ops):
        return _unknown(back, "it suppresses overlapping boxes: a detector, which is no task yet")
    if output is None or len(output) not in (_MAP_RANK, _SCORES_RANK):
        return _unknown(back, f"its output has shape {_written(output)}")
    classes = output[-1]
    if classes is None:
        return _unknown(back, "how many values it gives is not fixed")
    if len(output) == _MAP_RANK and output[1:3] != (1, 1):
        return _of_map(back, classes)
    if back.postprocessing.decode != "sigmoid" and classes > 1:
        says = f"one vector of {classes} values for a picture: classification"
        return Purpose(task="classification", classes=classes, back=back, says=says)
    return _unknown(back, f"one vector of {classes} values, each by itself")


def _of_map(back: Back, classes: int) -> Purpose:
    if back.postprocessing.decode == "none":
        return _undecoded(back, classes)
    count = 2 if classes == 1 else classes
    says = f"a map of {classes} value(s) per place, decoded by {back.postprocessing.decode}: "
    return Purpose(
        task="segmentation", classes=count, back=back, says=f"{says}segmentation into {count}"
    )


def _undecoded(back: Back, classes: int) -> Purpose:
    if classes in (1, _PICTURE_CHANNELS):
        return _unknown(back, f"a map of {classes} value(s) per place that nothing decodes")
    says = f"a map of {classes} values per place: that they are logits of classes is a guess"
    post = Postprocessing.model_validate({**back.postprocessing.model_dump(), "decode": "argmax"})
    guessed = back.model_copy(update={"postprocessing": post, "guesses": (*back.guesses, says)})
    return Purpose(task="segmentation", classes=classes, back=guessed, says=says)


def _unknown(back: Back, says: str) -> Purpose:
    return Purpose(task=None, classes=None, back=back, says=says)


def _written(shape: Shape | None) -> str:
    if shape is None:
        return "that is not fixed"
    return f"[{', '.join('?' if d is None else str(d) for d in shape)}]"
