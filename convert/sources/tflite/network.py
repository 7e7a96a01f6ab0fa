"""A TensorFlow graph that is being written, and what each tensor of a TFLite file is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convert.graph.tensorflow import tensorflow
from convert.sources.tflite.model import Model
from convert.sources.tflite.tensors import value_of

Array = NDArray[np.generic]

Symbol = Any
"""A `tensorflow.Tensor` of the graph that is being written."""


@dataclass(kw_only=True)
class Network:
    """The graph so far: what each of the file's tensors is in it."""

    model: Model
    names: Mapping[int, str]
    graph: Any
    """The `tensorflow.Graph`."""
    keep_ranges: bool = False
    symbols: dict[int, Symbol] = field(default_factory=dict)
    constants: dict[int, Array] = field(default_factory=dict)
    """Constants of the file, and what operators make of them."""
    arranged: dict[tuple[int, tuple[int, ...], tuple[int, ...] | None], Symbol] = field(
        default_factory=dict
    )
    """Kernels in TensorFlow's layout, by tensor, order of axes and shape."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Node name while writing -> final name."""

    def value(self, index: int) -> Array | None:
        """A tensor's value where it is constant."""
        if index not in self.constants and index not in self.symbols:
            found = value_of(self.model.tensors[index])
            if found is not None:
                self.constants[index] = found
        return self.constants.get(index)

    def symbol(self, index: int) -> Symbol | None:
        """A tensor in the graph; None where nothing has made it yet."""
        if index not in self.symbols:
            value = self.value(index)
            if value is None:
                return None
            self.symbols[index] = self.constant(value, self.names[index])
            self.renamed[self.symbols[index].op.name] = self.names[index]
        return self.symbols[index]

    def constant(self, value: ArrayLike, name: str) -> Symbol:
        """A new Const node."""
        return tensorflow().constant(value, name=name)
