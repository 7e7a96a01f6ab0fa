"""The back of a detector that decodes and suppresses its boxes itself."""

from collections.abc import Iterator

from convert.anatomy import Back, Front, Step
from convert.graph.discover.decoding import read_decoding
from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Probe
from convert.graph.discover.several import Answer
from convert.graph.discover.suppression import suppressing
from convert.pictures.anchors import anchors
from convert.preprocessing import BoxDecoding, Postprocessing

_WHY = "what follows, to decode boxes and to leave out those that overlap, no target can express"
_NOT_READ = (
    "how the graph decodes its boxes could not be told: fill in [postprocessing.boxes] and set "
    'metric = "detection" to have boxes; until then, raw boxes and scores are compared as they are'
)
_PER_CLASS = "that boxes of any class leave each other out is a guess, for they do so in one place"


def suppressed_back(flow: Flow, probe: Probe, front: Front, answer: Answer) -> Back:
    """The decoding that the graph does after its raw boxes and scores, where it can be told."""
    size, shape = front.preprocessing.size, answer.suppressed or (0, 0)
    how = read_decoding(flow, probe, answer.ends, shape, size)
    nodes = tuple(suppressing(flow))
    return Back(
        start=answer.ends["boxes"],
        why=_WHY,
        steps=tuple(Step(nodes=nodes, says=says) for says in _says(how)) if how else (),
        postprocessing=Postprocessing(boxes=how),
        guesses=_guesses(how, answer.classes) if how else (),
        missing=() if how else (_NOT_READ,),
    )


def _says(how: BoxDecoding) -> Iterator[str]:
    scale = ", ".join(f"{value:g}" for value in how.scale)
    yield f"moves {len(anchors(how.anchors))} anchors by the boxes ({how.order} divided by {scale})"
    if how.activation != "none":
        yield f"makes probabilities of the scores ({how.activation})"
    if how.background:
        yield "leaves out the first class, the background"
    yield (
        f"leaves out scores below {how.score_threshold:g} and boxes that cover a better one by "
        f"more than {how.iou_threshold:g}, and keeps {how.max_detections}"
    )


def _guesses(how: BoxDecoding, classes: int) -> tuple[str, ...]:
    return () if how.per_class or classes == 1 else (_PER_CLASS,)
