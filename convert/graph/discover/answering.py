"""The back of a network whose answer is no map of classes and no scores: it ends at its outputs."""

import numpy as np

from convert.anatomy import Back, Front
from convert.graph.discover.evidence import natural
from convert.graph.discover.output_facts import OutputFacts
from convert.graph.discover.probe import Array, Probe
from convert.graph.discover.several import Answer
from convert.preprocessing import PictureDecoding, PointDecoding, Postprocessing

_LEVELS, _SIGNED = 8.0, -0.25
"""Values of a picture above the one are levels of 0..255; below the other, they are of -1..1."""
_BOUNDED = {"tanh": "-1..1", "sigmoid": "0..1"}
_RANGES = {
    "-1..1": PictureDecoding(scale=127.5, offset=127.5),
    "0..1": PictureDecoding(scale=255.0),
    "0..255": PictureDecoding(),
}

Read = tuple[Postprocessing, tuple[str, ...]]
"""A postprocessing, and what of it is guessed."""


def answering_back(answer: Answer, facts: OutputFacts, probe: Probe, front: Front) -> Back:
    """The outputs as they are; where there is one only, its decoding is guessed from `facts`."""
    read: Read = Postprocessing(), ()
    alone = len(answer.ends) == 1
    if answer.task == "image" and alone:
        read = _painted(facts, probe, front)
    elif answer.task == "landmarks" and alone:
        read = _pointed(answer)
    return Back(
        start=next(iter(answer.ends.values())),
        why="that is the file's own output" if alone else "the file's own outputs stay as they are",
        steps=(),
        postprocessing=read[0],
        guesses=read[1],
    )


def _painted(facts: OutputFacts, probe: Probe, front: Front) -> Read:
    """A picture's levels, told from the last function or from what pictures become."""
    found = _BOUNDED.get(facts.last)
    why = f"{facts.last.capitalize()} makes it"
    if not found:
        found, why = _seen_range(facts.name, probe, front)
    post = Postprocessing(picture=_RANGES[found])
    return post, (f"that the picture that comes out is within {found} is a guess: {why}",)


def _seen_range(name: str, probe: Probe, front: Front) -> tuple[str, str]:
    """Which range the values of made-up pictures fill, and how that is known."""
    size = probe.allowed(front.preprocessing.size)
    arrays = (probe.run(fed(image, front), [name]) for image in natural(size))
    found = [array[0] for array in arrays if array is not None]
    if not found:
        return "-1..1", "the graph could not be run, and it is the commonest"
    low, high = (float(np.percentile(found, q)) for q in (1, 99))
    seen = "0..255" if high > _LEVELS else "-1..1" if low < _SIGNED else "0..1"
    return seen, f"made-up pictures come out as {low:.2g}..{high:.2g}"


def fed(image: Array, front: Front) -> Array:
    """Pixels as the graph's own input takes them: as they are where it normalizes them itself."""
    pre = front.preprocessing
    if front.steps:
        return image
    pixels = image[..., ::-1] if pre.channels == "BGR" else image
    made: Array = (pixels - np.array(pre.mean, np.float32)) * np.array(pre.scale, np.float32)
    return made.astype(np.float32)


def _pointed(answer: Answer) -> Read:
    post = Postprocessing(points=PointDecoding(columns=answer.columns))
    return post, ("that x and y are in pixels of the input is a guess",)
