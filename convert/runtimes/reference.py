"""The reference that every drop is taken against: the original, uncut graph run by TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.nodes import dtype_of
from convert.graph.run import Function, function
from convert.pictures.answer import Prediction, answer
from convert.pictures.prepare import Prepared, prepare
from convert.pictures.resample import resample
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.vocabulary import VOID

Picture = NDArray[np.uint8]
Tensor = NDArray[Any]
_LABELS_RANK = 3


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Node names: the uncut graph's input and output, and where its core starts and ends."""

    original_input: str
    original_output: str | None
    """None where the uncut graph answers by the core's ends themselves."""
    start: str
    ends: Mapping[str, str]
    """What the exported files call each output -> where the core ends."""
    input_name: str
    resized_outside: bool
    """Whether pictures are resized to fit before the uncut graph is fed."""

    @property
    def takes_pictures(self) -> bool:
        """Whether the graph has its preprocessing inside and is fed uint8 pictures."""
        return self.original_input != self.start


class Reference:
    """The uncut graph, from picture to prediction."""

    def __init__(self, graph: Graph, ends: Ends, pre: Preprocessing, post: Postprocessing) -> None:
        """`graph` is any Graph over the whole GraphDef."""
        self._uncut = Graph(graph_def=graph.graph_def, inputs=(ends.original_input,), outputs=())
        last = () if ends.original_output is None else (ends.original_output,)
        self._answer = function(self._uncut, *(last or ends.ends.values()))
        self._dtype = dtype_of(graph.node(ends.original_input))
        self._ends, self._pre = ends, pre
        by_itself = ends.original_output in (None, *ends.ends.values())
        self._post = post if by_itself else _decoded(post)

    def predict(self, image: Picture) -> Prediction:
        """What the postprocessing makes of the uncut graph's answer to a picture [H, W, 3]."""
        prepared = prepare(image, self._pre)
        return self._prediction(self._answer(self._fed(image, prepared)), prepared)

    def at_the_cut(self, image: Picture) -> tuple[Tensor, dict[str, Tensor], Prediction]:
        """The tensors at the core's start and ends, and the prediction, of one picture."""
        prepared = prepare(image, self._pre)
        start, *ends = self._between(self._fed(image, prepared))
        return start, dict(zip(self._ends.ends, ends, strict=True)), self.predict(image)

    @cached_property
    def _between(self) -> Function:
        return function(self._uncut, self._ends.start, *self._ends.ends.values())

    def _fed(self, image: Picture, prepared: Prepared) -> NDArray[Any]:
        if not self._ends.takes_pictures:
            return prepared.tensor
        if not self._ends.resized_outside:
            return image[np.newaxis].astype(self._dtype, copy=False)
        part = image[prepared.placement.part.slices]
        fitting = resample(part, prepared.placement.content.size, self._pre.resampling)
        # A graph that takes whole levels is fed what an image library would give it.
        whole = np.issubdtype(self._dtype, np.integer)
        return (np.rint(fitting) if whole else fitting).astype(self._dtype)[np.newaxis]

    def _prediction(self, outputs: Sequence[Tensor], prepared: Prepared) -> Prediction:
        if len(outputs) == 1 and _are_labels(outputs[0]):
            labels = outputs[0][0]
            kept = labels.astype(np.uint8 if labels.max(initial=0) < VOID else np.int32)
            return resample(kept, prepared.placement.picture, Resampling(method="nearest"))
        floats = (output.astype(np.float32, copy=False) for output in outputs)
        named = dict(zip(self._ends.ends, floats, strict=True))
        return answer(named, self._post, prepared.placement)


def _are_labels(output: Tensor) -> bool:
    """Whether an output is a label map [1, H, W]."""
    return output.ndim == _LABELS_RANK and output.dtype.kind in "iu"


def _decoded(post: Postprocessing) -> Postprocessing:
    """What is left to do where the graph decodes its answer itself: a map is still for argmax."""
    still = "argmax" if post.decode == "argmax" else "none"
    return post.model_copy(update={"decode": still})
