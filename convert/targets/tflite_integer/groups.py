"""Which activations share their steps, and what range each group holds."""

from collections.abc import Iterable, Mapping

from convert.quantization import Range
from convert.targets.tflite_integer.network import Network, Op, Tensor
from convert.targets.tflite_integer.rule import Rule
from convert.targets.tflite_integer.rules import RULES

_CLIPS: Mapping[int, Range] = {1: (0.0, float("inf")), 2: (-1.0, 1.0), 3: (0.0, 6.0)}
"""What fused activations of the schema (RELU, RELU_N1_TO_1, RELU6) let through."""

_TOO_WIDE = 1.25
"""A tensor others read too is not stretched further than this to fit into a concatenation."""


class Groups:
    """Union-find over tensors."""

    def __init__(self) -> None:
        self._parent: dict[Tensor, Tensor] = {}

    def of(self, tensor: Tensor) -> Tensor:
        """The one that stands for a tensor's group."""
        parent = self._parent.setdefault(tensor, tensor)
        if parent is not tensor:
            parent = self._parent[tensor] = self.of(parent)
        return parent

    def join(self, tensors: Iterable[Tensor]) -> None:
        """Make them one group."""
        first, *others = tensors
        for other in others:
            self._parent[self.of(other)] = self.of(first)

    def members(self) -> dict[Tensor, list[Tensor]]:
        """Every tensor that was asked for, by what stands for its group."""
        found: dict[Tensor, list[Tensor]] = {}
        for tensor in self._parent:
            found.setdefault(self.of(tensor), []).append(tensor)
        return found


def grouped(ops: Mapping[Op, Rule], *, joins: bool = True) -> Groups:
    """Groups by the rules of integer operators; without those that may be kept apart if asked."""
    groups = Groups()
    for op, rule in ops.items():
        shared = rule.same(op)
        if len(shared) > 1 and (joins or not rule.joins):
            groups.join(shared)
        for tensor in (*op.inputs, *op.outputs):
            if tensor is not None and tensor.moves:
                groups.of(tensor)
    return groups


def joined(ranges: Iterable[Range]) -> Range:
    """The range that holds them all, and 0."""
    found = list(ranges)
    return min(0.0, *(low for low, _ in found)), max(0.0, *(high for _, high in found))


def clipped(op: Op, held: Range) -> Range:
    """What is left of a range behind an operator's activation."""
    fused: int = getattr(op.options, "fusedActivationFunction", 0)
    code = _ALONE.get(op.kind, fused)
    low, high = _CLIPS.get(code, (-float("inf"), float("inf")))
    return max(held[0], low), min(held[1], high)


_ALONE = {"RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}


def separated(network: Network, ops: dict[Op, Rule], ranges: dict[Tensor, Range]) -> None:
    """Put a QUANTIZE before a concatenation where sharing its steps would harm another reader.

    So also where a kernel demands certain steps of what it gives, and others of the same
    concatenation have others.
    """
    base, readers, makers = grouped(ops, joins=False), network.readers(), network.makers()
    members = base.members()
    held = {one: joined(ranges[t] for t in group) for one, group in members.items()}
    for op in [op for op, rule in ops.items() if rule.joins]:
        sources = [t for t in op.inputs if t is not None and t.moves]
        fixed = [_demanded(members[base.of(t)], makers, ops) for t in sources]
        low, high = joined(held[base.of(t)] for t in sources)
        for tensor, demanded in zip(sources, fixed, strict=True):
            group = base.of(tensor)
            wide = (high - low) > _TOO_WIDE * (held[group][1] - held[group][0])
            others = any(
                reader is not op and not (reader in ops and ops[reader].same(reader))
                for one in members[group]
                for reader in readers.get(one, ())
            )
            if (wide and others) or (demanded and len(set(fixed)) > 1):
                copy = Tensor(f"{tensor.name}/joined", tensor.shape, "float32")
                between = Op("QUANTIZE", [tensor], [copy], None, 2)
                network.ops.insert(network.ops.index(op), between)
                op.inputs = [copy if one is tensor else one for one in op.inputs]
                ranges[copy] = held[group]
                ops[between] = RULES["QUANTIZE"]


def _demanded(group: list[Tensor], makers: Mapping[Tensor, Op], ops: Mapping[Op, Rule]) -> object:
    for tensor in group:
        rule = ops.get(makers[tensor]) if tensor in makers else None
        if rule and rule.gives:
            return rule.gives.scale[0], rule.gives.zero_point
    return None
