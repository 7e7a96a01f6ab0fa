"""From a float network to one that computes in int8, with uint8 at its ends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from convert.quantization import Range
from convert.targets.tflite_integer.groups import Groups, clipped, grouped, joined, separated
from convert.targets.tflite_integer.kernels import Kernels
from convert.targets.tflite_integer.network import Network, Op, Steps, Tensor
from convert.targets.tflite_integer.rule import Rule, Scene, steps_of
from convert.targets.tflite_integer.rules import RULES

_HALVED_FROM = 256
"""Weights of fewer values are not worth an operator that reads them in half precision."""


def assembled(
    network: Network,
    ranges: Mapping[Tensor, Range],
    kernels: Kernels,
    floats: Collection[Op],
    *,
    float_ends: bool = False,
) -> Network:
    """The integer network; `network` is used up.

    `ranges` are of every float32 activation. `floats` are the operators that stay in floating
    point, as do those without a rule; what they give at the end is given as float32 (instead of
    uint8) with `float_ends`.
    """
    held = dict(ranges)
    ops = _integer(network, floats)
    separated(network, ops, held)
    groups = grouped(ops)
    _give_steps(network, ops, groups, held)
    sizes = {one: len(group) for one, group in groups.members().items()}
    scene = Scene(
        kernels=kernels,
        makers=network.makers(),
        readers=network.readers(),
        ends=frozenset(network.outputs.values()),
        alone=lambda tensor: sizes[groups.of(tensor)] == 1,
    )
    return _Writing(network, ops, scene, float_ends).written()


def _integer(network: Network, floats: Collection[Op]) -> dict[Op, Rule]:
    """The operators that compute in integers, with their rules."""
    chosen = {
        op: RULES[op.kind]
        for op in network.ops
        if op.kind in RULES
        and op not in floats
        and any(one is not None and one.moves for one in op.inputs)
        and RULES[op.kind].takes(op)
    }
    makers, readers = network.makers(), network.readers()
    for op in [op for op in reversed(network.ops) if op in chosen]:
        before = [makers.get(one) for one in op.inputs if one is not None and one.moves]
        after = [reader for one in op.outputs for reader in readers.get(one, ())]
        into_floats = bool(after) and not any(reader in chosen for reader in after)
        from_floats = not any(maker is None or maker in chosen for maker in before)
        if into_floats and (chosen[op].light or (chosen[op].fetches and from_floats)):
            del chosen[op]
    return chosen


def _give_steps(
    network: Network, ops: Mapping[Op, Rule], groups: Groups, ranges: Mapping[Tensor, Range]
) -> None:
    """Give every activation of an integer operator the steps of its group."""
    makers = network.makers()

    def held(tensor: Tensor) -> Range:
        maker = makers.get(tensor)
        return clipped(maker, ranges[tensor]) if maker else ranges[tensor]

    for end in (*network.inputs.values(), *network.outputs.values()):
        groups.of(end)
    for members in groups.members().values():
        if not all(one.moves for one in members):
            continue  # labels, as an argmax gives them
        rules = [ops.get(makers[one]) for one in members if one in makers]
        demanded = [rule.gives for rule in rules if rule and rule.gives]
        steps = demanded[0] if demanded else steps_of(joined(map(held, members)))
        for tensor in members:
            tensor.steps = steps


@dataclass
class _Writing:
    """Writes operator after operator, with a conversion wherever floats meet integers."""

    network: Network
    rules: Mapping[Op, Rule]
    scene: Scene
    float_ends: bool
    done: list[Op] = field(default_factory=list)
    _floats: dict[Tensor, Tensor] = field(default_factory=dict)
    _integers: dict[Tensor, Tensor] = field(default_factory=dict)

    def written(self) -> Network:
        """The whole network."""
        native = [one for op in self.rules for one in op.outputs if one.moves]
        inputs = {name: self._taken(tensor) for name, tensor in self.network.inputs.items()}
        for tensor in native:
            tensor.dtype = "int8"
        for op in self.network.ops:
            self._write(op)
        outputs = {name: self._given(tensor) for name, tensor in self.network.outputs.items()}
        return Network(self.done, inputs, outputs, self.network.key)

    def _write(self, op: Op) -> None:
        rule = self.rules.get(op)
        wanted = self._integer if rule else self._float
        op.inputs = [None if one is None else wanted(one) for one in op.inputs]
        if rule is None:
            self.done.append(op)
            return
        op.version = max(op.version, rule.version)
        self.done.extend(rule.write(self.scene, op))

    def _integer(self, tensor: Tensor) -> Tensor:
        if not tensor.moves:
            return tensor
        if tensor not in self._integers:
            copy = Tensor(f"{tensor.name}/int8", tensor.shape, "int8", steps=tensor.steps)
            self._integers[tensor] = copy
            self.done.append(Op("QUANTIZE", [tensor], [copy]))
        return self._integers[tensor]

    def _float(self, tensor: Tensor) -> Tensor:
        """A tensor as a float operator reads it; large constants in half precision."""
        if tensor.data is not None:
            return self._halved(tensor)
        if tensor.dtype != "int8" or tensor.steps is None:
            return tensor
        if tensor not in self._floats:
            copy = Tensor(f"{tensor.name}/float32", tensor.shape, "float32")
            self._floats[tensor] = copy
            self.done.append(Op("DEQUANTIZE", [tensor], [copy], version=2))
        return self._floats[tensor]

    def _halved(self, tensor: Tensor) -> Tensor:
        assert tensor.data is not None
        if tensor.dtype != "float32" or tensor.data.size < _HALVED_FROM:
            return tensor
        if tensor not in self._floats:
            half = replace(tensor, dtype="float16", data=tensor.data.astype(np.float16))
            self._floats[tensor] = Tensor(tensor.name, tensor.shape, "float32")
            self.done.append(Op("DEQUANTIZE", [half], [self._floats[tensor]], version=3))
        return self._floats[tensor]

    def _taken(self, tensor: Tensor) -> Tensor:
        """The uint8 input in place of a float32 one."""
        if not tensor.moves:
            return tensor
        end = Tensor(tensor.name, tensor.shape, "uint8", steps=_shifted(tensor.steps))
        tensor.name, tensor.dtype = f"{tensor.name}/int8", "int8"
        self.done.append(Op("QUANTIZE", [end], [tensor], version=2))
        return end

    def _given(self, tensor: Tensor) -> Tensor:
        """The uint8 output in place of an int8 or float32 one."""
        if self.float_ends and tensor.dtype == "float32":
            tensor.steps = None
            return tensor
        if tensor.dtype not in ("int8", "float32"):
            return tensor
        end = Tensor(tensor.name, tensor.shape, "uint8", steps=_shifted(tensor.steps))
        tensor.name = f"{tensor.name}/{tensor.dtype}"
        self.done.append(Op("QUANTIZE", [tensor], [end], version=2))
        return end


def _shifted(steps: Steps | None) -> Steps:
    """Steps of int8 codes as of uint8 codes 128 higher."""
    assert steps is not None
    return replace(steps, zero_point=steps.zero_point + 128)
