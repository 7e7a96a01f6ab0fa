"""The reference that every drop is taken against: the original, uncut graph run by TensorFlow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.nodes import dtype_of
from convert.graph.run import function
from convert.pictures.answer import Prediction, answer
from convert.pictures.prepare import Prepared, prepare
from convert.pictures.resample import resample
from convert.preprocessing import Postprocessing, Preprocessing, Resampling
from convert.vocabulary import VOID

Picture = NDArray[np.uint8]
_LABELS_RANK = 3


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Node names: the uncut graph's input and output, and where its core starts and ends."""

    original_input: str
    original_output: str
    start: str
    end: str
    input_name: str
    output_name: str
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
        uncut = Graph(graph_def=graph.graph_def, inputs=(ends.original_input,), outputs=())
        self._run = function(uncut, ends.start, ends.end, ends.original_output)
        self._answer = function(uncut, ends.original_output)
        self._dtype = dtype_of(graph.node(ends.original_input))
        self._ends, self._pre = ends, pre
        self._post = post if ends.original_output == ends.end else _decoded(post)

    def predict(self, image: Picture) -> Prediction:
        """Labels [H, W] or scores [C] of an RGB picture [H, W, 3]."""
        prepared = prepare(image, self._pre)
        (output,) = self._answer(self._fed(image, prepared))
        return self._prediction(output, prepared)

    def at_the_cut(self, image: Picture) -> tuple[NDArray[Any], NDArray[Any], Prediction]:
        """The tensors at the core's start and end, and the prediction, of one run."""
        prepared = prepare(image, self._pre)
        start, end, output = self._run(self._fed(image, prepared))
        return start, end, self._prediction(output, prepared)

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

    def _prediction(self, output: NDArray[Any], prepared: Prepared) -> Prediction:
        if output.ndim == _LABELS_RANK and output.dtype.kind in "iu":
            labels = output[0].astype(np.uint8 if output.max(initial=0) < VOID else np.int32)
            return resample(labels, prepared.placement.picture, Resampling(method="nearest"))
        return answer(output.astype(np.float32, copy=False), self._post, prepared.placement)


def _decoded(post: Postprocessing) -> Postprocessing:
    """What is left to do where the graph decodes its answer itself: a map is still for argmax."""
    still = "argmax" if post.decode == "argmax" else "none"
    return post.model_copy(update={"decode": still})
