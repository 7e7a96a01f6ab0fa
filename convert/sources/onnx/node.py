"""One ONNX node as its handler sees it: attributes, opset, and how to refuse it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from convert.errors import UnsupportedError
from convert.sources.onnx.value import Array, Value

Inputs = Sequence[Value | None]
"""A node's inputs in order; None where an optional one is left out."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A NodeProto, with the version of its operator set."""

    proto: Any
    opset: int
    position: int
    """Counted from 1, in the file's order."""
    count: int

    @property
    def op(self) -> str:
        """The operator's name."""
        return str(self.proto.op_type)

    @property
    def place(self) -> str:
        """Which node this is, for messages."""
        name = self.proto.name or next(iter(self.proto.output), "")
        return f"operator {self.op}, node {name!r} ({self.position} of {self.count})"

    def refuse(self, why: str) -> UnsupportedError:
        """What to raise where the node asks for what the Graph cannot express."""
        return UnsupportedError(
            f"{self.place}: {why}", hint="Export the model without it, or cut it before that node."
        )

    @cached_property
    def attributes(self) -> Mapping[str, Any]:
        """Every attribute by its name; texts are decoded."""
        import onnx

        found = {a.name: onnx.helper.get_attribute_value(a) for a in self.proto.attribute}
        return {k: v.decode() if isinstance(v, bytes) else v for k, v in found.items()}

    def attribute(self, name: str, default: Any) -> Any:
        """An attribute, or what it is by default."""
        return self.attributes.get(name, default)

    def given(self, inputs: Inputs, index: int) -> Value | None:
        """An input that may be left out."""
        return inputs[index] if index < len(inputs) else None

    def known(self, inputs: Inputs, index: int, name: str) -> Array | None:
        """An input that must be known now (None: it is left out), or the attribute of that name.

        Operators moved such settings from attributes to inputs over the opsets. Raises
        UnsupportedError where it is computed from the picture.
        """
        value = self.given(inputs, index)
        if value is None:
            return np.asarray(self.attributes[name]) if name in self.attributes else None
        if value.constant is None:
            raise self.refuse(f"its {name} is computed from the picture")
        return value.constant


Handler = Callable[[Node, Inputs], Sequence[Value]]
Handlers = Mapping[str, Handler]


def need(inputs: Inputs, index: int) -> Value:
    """An input that is never left out."""
    value = inputs[index]
    assert value is not None
    return value
