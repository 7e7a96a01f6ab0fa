"""What a network is for, from its output's shape and how it is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from convert.anatomy import Back, OutputKind, Shape
from convert.graph.discover.suppression import suppresses
from convert.preprocessing import Postprocessing, Preprocessing
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


def guess_purpose(
    back: Back, output: Shape | None, ops: Mapping[str, int], pre: Preprocessing, kind: OutputKind
) -> Purpose:
    """The purpose of a core whose output has this shape, NHWC; `kind` is the graph's output's."""
    if any(suppresses(op) for op in ops):
        return _unknown(
            back, "it suppresses overlapping boxes: a detector, whose raw boxes are not found"
        )
    if output is None or len(output) not in (_MAP_RANK, _SCORES_RANK):
        return _unknown(back, f"its output has shape {_written(output)}")
    classes = output[-1]
    if classes is None:
        return _unknown(back, "how many values it gives is not fixed")
    if len(output) == _MAP_RANK and output[1:3] != (1, 1):
        size = (output[1], output[2])
        if classes == 1 and kind == "mask" and back.postprocessing.decode == "none":
            return _of_logit(back, size, pre)
        return _of_map(back, classes, size, pre)
    if back.postprocessing.decode != "sigmoid" and classes > 1:
        says = f"one vector of {classes} values for a picture: classification"
        return Purpose(task="classification", classes=classes, back=back, says=says)
    return _unknown(back, f"one vector of {classes} values, each by itself")


def _of_map(back: Back, classes: int, size: tuple[int | None, ...], pre: Preprocessing) -> Purpose:
    undecoded = back.postprocessing.decode == "none"
    if undecoded and classes in (1, _PICTURE_CHANNELS):
        return _unknown(back, f"a map of {classes} value(s) per place that nothing decodes")
    count = 2 if classes == 1 else classes
    says = f"a map of {classes} value(s) per place: segmentation into {count}"
    guesses = [f"{says} is a guess, for the graph does not decode them"] if undecoded else []
    fields = back.postprocessing.model_dump()
    if undecoded:
        fields["decode"] = "argmax"
        fields["upsample"] = {"size": pre.size} if size != pre.size else None
    guesses += _complete(fields, pre)
    post = Postprocessing.model_validate(fields)
    done = back.model_copy(update={"postprocessing": post, "guesses": (*back.guesses, *guesses)})
    return Purpose(task="segmentation", classes=count, back=done, says=says)


def _of_logit(back: Back, size: tuple[int | None, ...], pre: Preprocessing) -> Purpose:
    """One undecoded value to a place: probably a logit, of which a sigmoid makes a mask."""
    says = "a map of 1 value(s) per place: segmentation into 2"
    fields = back.postprocessing.model_dump() | {"decode": "sigmoid"}
    fields["upsample"] = {"size": pre.size} if size != pre.size else None
    guesses = [f"{says}, by a sigmoid, is a guess, for the graph does not decode them"]
    guesses += _complete(fields, pre)
    post = Postprocessing.model_validate(fields)
    done = back.model_copy(update={"postprocessing": post, "guesses": (*back.guesses, *guesses)})
    return Purpose(task="segmentation", classes=2, back=done, says=says)


def _complete(fields: dict[str, Any], pre: Preprocessing) -> list[str]:
    """Bring the answer to the picture where the graph leaves it at its own size."""
    if fields["restore"]:
        return []
    method = "nearest" if fields["decode"] == "argmax" else "bilinear"
    fields["restore"] = {"method": method}
    padded = pre.resize in ("letterbox", "shrink")
    fields["unpad"] = fields["unpad"] or padded
    cut = " freed of its padding and" if padded else ""
    return [
        f"the graph leaves its answer at its own size; that it is{cut} resized to the picture's "
        f"({method}) is a guess"
    ]


def _unknown(back: Back, says: str) -> Purpose:
    return Purpose(task=None, classes=None, back=back, says=says)


def _written(shape: Shape | None) -> str:
    if shape is None:
        return "that is not fixed"
    return f"[{', '.join('?' if d is None else str(d) for d in shape)}]"
