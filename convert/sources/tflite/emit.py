"""Write the nodes of one operator into a TensorFlow graph."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convert.errors import SourceError, UnsupportedError
from convert.graph.tensorflow import tensorflow
from convert.sources.tflite.model import Operator, Tensor
from convert.sources.tflite.network import Array, Network, Symbol

Shape = tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Site:
    """An operator and the graph that it is written into."""

    operator: Operator
    network: Network
    options: Any
    """The operator's options table, of the kind that the table of operators names."""

    @property
    def name(self) -> str:
        """What the operator's nodes are named below."""
        made = [index for index in self.operator.outputs if index >= 0]
        return self.network.names[made[0]] if made else self.operator.kind

    @property
    def place(self) -> str:
        """The operator in words."""
        kind = f"{'custom ' if self.operator.custom else ''}operator {self.operator.kind}"
        return f"{kind} (number {self.operator.position}), which makes tensor {self.name!r},"

    def has(self, number: int) -> bool:
        """Whether an input is given."""
        inputs = self.operator.inputs
        return number < len(inputs) and inputs[number] >= 0

    def tensor(self, number: int) -> Tensor:
        """The file's tensor that an input is. Raises SourceError where it is not given."""
        if not self.has(number):
            raise self.damaged(f"has no input {number}")
        return self.network.model.tensors[self.operator.inputs[number]]

    def made(self, number: int = 0) -> Tensor:
        """The file's tensor that an output is."""
        if number >= len(self.operator.outputs) or self.operator.outputs[number] < 0:
            raise self.damaged(f"has no output {number}")
        return self.network.model.tensors[self.operator.outputs[number]]

    def read(self, number: int) -> Symbol:
        """An input in the graph."""
        found = self.network.symbol(self.tensor(number).index)
        if found is None:
            name = self.network.names[self.tensor(number).index]
            raise self.damaged(f"reads tensor {name!r}, which nothing before it makes")
        return found

    def read_all(self) -> list[Symbol]:
        """All inputs in the graph."""
        return [self.read(number) for number in range(len(self.operator.inputs))]

    def value(self, number: int) -> Array | None:
        """The value of an input that is constant, else None."""
        found = self.network.value(self.tensor(number).index)
        return tensorflow().get_static_value(self.read(number)) if found is None else found

    def fixed(self, number: int) -> Array:
        """The value of an input that must be constant. Raises UnsupportedError where it is not."""
        found = self.value(number)
        if found is None:
            raise self.unsupported(f"computes its input {number} from the model's input")
        return found

    def shape(self, number: int, rank: int | None = None) -> Shape:
        """An input's static shape, of the rank that is asked for."""
        found = self.read(number).shape
        if found.rank is None or (rank is not None and found.rank != rank):
            raise self.damaged(f"has an input {number} of the shape {found}")
        return tuple(found.as_list())

    def arranged(
        self, number: int, axes: tuple[int, ...], sides: tuple[int, ...] | None = None
    ) -> Symbol:
        """An input with its axes in another order, and then in another shape.

        A constant is stored that way, once for all operators that want it so.
        """
        index = self.tensor(number).index
        self.shape(number, len(axes))
        key = index, axes, sides
        if key not in self.network.arranged:
            value = self.network.value(index)
            self.network.arranged[key] = (
                self._turned(self.read(number), axes, sides)
                if value is None
                else self.constant(
                    np.transpose(value, axes).reshape(sides or [value.shape[a] for a in axes]),
                    self.network.names[index],
                )
            )
        return self.network.arranged[key]

    def _turned(
        self, symbol: Symbol, axes: tuple[int, ...], sides: tuple[int, ...] | None
    ) -> Symbol:
        turned = self.add("Transpose", x=symbol, perm=list(axes))
        return turned if sides is None else self.add("Reshape", tensor=turned, shape=list(sides))

    def constant(self, value: ArrayLike, name: str = "constant") -> Symbol:
        """A new constant; without a name of its own it is named below the operator."""
        return self.network.constant(value, name if name != "constant" else f"{self.name}/{name}")

    def add(self, op: str, **arguments: Any) -> Symbol:
        """A TensorFlow node of `tf.raw_ops`, or its outputs where it has several.

        Raises SourceError where TensorFlow does not take what the file says.
        """
        tf = tensorflow()
        try:
            return getattr(tf.raw_ops, op)(**arguments, name=f"{self.name}/{op}")
        except (ValueError, TypeError, struct.error, tf.errors.OpError) as error:
            raise self.damaged(f"does not fit its tensors: {error}") from error

    def damaged(self, says: str) -> SourceError:
        """What to raise where the operator contradicts the file."""
        return SourceError(
            f"{self.network.model.path}: {self.place} {says}",
            hint="The file is damaged, or its converter was: compare its digest.",
        )

    def unsupported(self, says: str) -> UnsupportedError:
        """What to raise where the operator is whole but is not read."""
        return UnsupportedError(
            f"{self.network.model.path}: {self.place} {says}, which is not read",
            hint="Convert the model from the format that it was trained in.",
        )
