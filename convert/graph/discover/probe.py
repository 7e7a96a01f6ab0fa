"""Run a graph on small synthetic pictures: imported once, one session, whatever is fetched."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.anatomy import GraphInput, Shape
from convert.errors import UnsupportedError
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.preprocessing import Size
from convert.vocabulary import Layout

LEVELS = ("uint8", "int32")
"""Types of an input that can only be pixels of 0..255."""

Image = NDArray[np.uint8]
Array = NDArray[Any]


class Probe:
    """A graph ready to be run on pictures of several sizes."""

    def __init__(self, graph: Graph, picture: GraphInput) -> None:
        tf = tensorflow()
        self._picture = picture
        with tf.Graph().as_default() as imported:
            try:
                tf.import_graph_def(graph.graph_def, name="")
            except (ValueError, tf.errors.OpError) as error:
                raise _refused(error) from error
        self._imported = imported
        self._session = tf.compat.v1.Session(graph=imported, config=_plain())
        self._refuses = tf.errors.OpError

    @property
    def layout(self) -> Layout:
        """The order of the picture input's axes."""
        shape = self._picture.shape
        first = shape is not None and len(shape) == 4 and shape[1] == 3 and shape[3] != 3
        return "NCHW" if first else "NHWC"

    @property
    def fixed(self) -> tuple[int | None, int | None]:
        """The height and width that the picture input insists on."""
        shape = self._picture.shape
        if shape is None:
            return None, None
        rows = {("NHWC", 4): 1, ("NCHW", 4): 2, ("NHWC", 3): 0}[self.layout, len(shape)]
        return shape[rows], shape[rows + 1]

    @property
    def takes_levels(self) -> bool:
        """Whether the picture input takes whole levels only."""
        return self._picture.dtype in LEVELS

    def allowed(self, size: Size) -> Size:
        """A size with the lengths in place that the input insists on."""
        return self.fixed[0] or size[0], self.fixed[1] or size[1]

    def shapes(self) -> Mapping[str, Shape | None]:
        """The static shape of each node's first output."""
        made = [op for op in self._imported.get_operations() if op.outputs]
        return {op.name: static(op.outputs[0]) for op in made}

    def dtypes(self) -> Mapping[str, str]:
        """The dtype of each node's first output."""
        made = [op for op in self._imported.get_operations() if op.outputs]
        return {op.name: op.outputs[0].dtype.base_dtype.name for op in made}

    def run(
        self, image: Array, names: Sequence[str], instead: Mapping[str, Array] | None = None
    ) -> list[Array] | None:
        """What nodes (or `node:1`) give for an RGB picture [H, W, 3]; None if the graph refuses.

        The picture is fed in the input's own dtype and layout, its values as they are; nodes of
        `instead` give these arrays, whatever they were given.
        """
        feeds = {f"{name}:0": array for name, array in (instead or {}).items()}
        try:
            return self._run({f"{self._picture.name}:0": self._fed(image), **feeds}, names)
        except self._refuses:
            return None

    def constant(self, name: str) -> Array | None:
        """The value of a node that depends on no placeholder; None where it cannot be computed."""
        try:
            return self._run({}, [name])[0]
        except self._refuses:
            return None

    def _run(self, feeds: Mapping[str, Array], names: Sequence[str]) -> list[Array]:
        fetches = [name if ":" in name else f"{name}:0" for name in names]
        return [np.asarray(value) for value in self._session.run(fetches, feeds)]

    def _fed(self, image: Array) -> Array:
        array = image.astype(self._picture.dtype)
        shape = self._picture.shape
        if shape is not None and len(shape) == 3:
            return array
        batch = np.repeat(array[np.newaxis], (shape and shape[0]) or 1, axis=0)
        return np.moveaxis(batch, 3, 1) if self.layout == "NCHW" else batch


def static(tensor: Any) -> Shape | None:
    """A tensor's static shape."""
    return None if tensor.shape.rank is None else tuple(tensor.shape.as_list())


def noise(size: Size, seed: int = 0) -> Image:
    """A picture in which no pixel is like its neighbour, uint8 [H, W, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def _plain() -> Any:
    """Settings that start at once: what is fetched runs a few times, optimizing it costs more."""
    tf = tensorflow()
    config = tf.compat.v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = -1
    return config


def _refused(error: Exception) -> UnsupportedError:
    said = str(error).splitlines()[0]
    return UnsupportedError(
        f"TensorFlow does not take the graph: {said}",
        hint="A custom op must be replaced by what it computes before the graph is frozen.",
    )
