"""Pictures made to look to a network as those it was trained on did (Cai et al. 2020, ZeroQ).

Drawn scenes are moved, step by step, until the channels behind the batch norms have the means and
deviations that training left in them. Nobody would take them for photographs, but they fill the
same ranges. All pictures together have to match: each by itself need not.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph
from convert.graph.norm_statistics import Statistics
from convert.graph.tensorflow import tensorflow
from convert.progress import Tick
from convert.quantization import Range

Floats = NDArray[np.float32]

_RATE = 0.015
"""Of the input's range, that a step moves a pixel."""
_KEPT = (0.9, 0.99)
"""Of the running first and second moment of the gradient (Adam, Kingma & Ba 2015)."""
_LEAST = 0.05
"""Of the mean deviation of a norm: a narrower channel counts as if it were so wide."""


def synthesised(
    graph: Graph,
    statistics: Statistics,
    starts: Sequence[Floats],
    entry: Range,
    steps: int,
    tick: Tick,
) -> tuple[list[Floats], list[float]]:
    """The pictures [1, h, w, 3] after `steps` steps each, and the distance before each step.

    The distance is the mean over channels of the squared differences of mean and deviation from
    what the norms remember, in deviations. `tick` counts pictures times steps.
    """
    network = _Network(graph, statistics, len(starts))
    made = [start.copy() for start in starts]
    moments = np.stack([network.moments(picture) for picture in made])
    first, second = ([np.zeros_like(picture) for picture in made] for _ in range(2))
    distances = []
    for step in range(1, steps + 1):
        distances.append(network.distance(moments.mean(axis=0)))
        for i, picture in enumerate(made):
            others = (moments.sum(axis=0) - moments[i]) / len(made)
            slope, moments[i] = network.slope(picture, others)
            first[i] += (1 - _KEPT[0]) * (slope - first[i])
            second[i] += (1 - _KEPT[1]) * (np.square(slope) - second[i])
            even = np.sqrt(second[i] / (1 - _KEPT[1] ** step)) + 1e-12
            move = first[i] / (1 - _KEPT[0] ** step) / even
            made[i] = np.clip(picture - _RATE * (entry[1] - entry[0]) * move, *entry)
            tick()
    distances.append(network.distance(moments.mean(axis=0)))
    return made, distances


class _Network:
    """Moments of what is behind the norms, and how a picture's pixels move them."""

    def __init__(self, graph: Graph, statistics: Statistics, pictures: int) -> None:
        tf = tensorflow()
        means, deviations = (np.concatenate(s) for s in zip(*statistics.values(), strict=True))
        self._means, self._widths = means, deviations
        self._scales = np.concatenate([_widened(d) for _, d in statistics.values()])
        whole = expand_atrous(graph).imported()
        with whole.as_default():
            tensors = [whole.get_tensor_by_name(f"{name}:0") for name in statistics]
            flat = [tf.reshape(t, (-1, t.shape[-1])) for t in tensors]
            own = [tf.concat([tf.reduce_mean(p, 0) for p in fs], 0)
                   for fs in (flat, [tf.square(f) for f in flat])]  # fmt: skip
            self._own = tf.stack(own)
            self._others = tf.compat.v1.placeholder(tf.float32, self._own.shape)
            distance = self._apart(tf, self._others + self._own / pictures)
            self._input = whole.get_tensor_by_name(f"{graph.inputs[0]}:0")
            self._slope = tf.gradients(distance, self._input)[0]
        self._session = tf.compat.v1.Session(graph=whole)

    def moments(self, picture: Floats) -> Floats:
        """[2, channels of all norms]."""
        return np.asarray(self._session.run(self._own, {self._input: picture}))

    def slope(self, picture: Floats, others: Floats) -> tuple[Floats, Floats]:
        """How the distance grows with each pixel, and the picture's moments."""
        feeds = {self._input: picture, self._others: others}
        slope, moments = self._session.run((self._slope, self._own), feeds)
        return np.asarray(slope), np.asarray(moments)

    def distance(self, moments: Floats) -> float:
        """Of the moments over all pictures."""
        return float(self._apart(tensorflow(), moments))

    def _apart(self, tf: Any, moments: Any) -> Any:
        variance = tf.maximum(moments[1] - tf.square(moments[0]), 0.0)
        deviation = tf.sqrt(variance + tf.square(self._scales) * 1e-4)
        errors = tf.square((moments[0] - self._means) / self._scales)
        return tf.reduce_mean(errors + tf.square((deviation - self._widths) / self._scales))


def _widened(deviations: Floats) -> Floats:
    """Deviations of one norm [C], none of them next to zero."""
    least = max(_LEAST * float(deviations.mean()), 1e-6)
    return np.maximum(deviations, np.float32(least))
