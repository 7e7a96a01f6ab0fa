"""Read the road link by link: what each does to the pixels' values and to the picture's size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from convert.anatomy import Step
from convert.graph.discover.chain import Link
from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Array, Probe, noise
from convert.graph.discover.values import Values
from convert.graph.graph import is_control, node_name
from convert.preprocessing import Resampling, Size

SMALL: tuple[Size, ...] = ((17, 11), (11, 19), (16, 16))
"""Pictures on which a road is run first: quick, not square, and no two alike."""

Kind = Literal["resize", "pad", "crop"]


@dataclass(frozen=True, kw_only=True)
class Move:
    """A change of the picture's size by a link."""

    kind: Kind
    link: Link
    resampling: Resampling | None = None
    """Of a resize that a recipe can express."""
    pad: float | None = None
    """Of a pad: the value it fills in, in pixels, where all channels agree."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a link does. `says` is empty for what is not worth a sentence."""

    values: Values
    says: str = ""
    move: Move | None = None
    missing: str | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where on the road a link is read: what is known of the graph before it."""

    flow: Flow
    probe: Probe
    shapes: Mapping[Size, Mapping[str, tuple[int, ...]]]
    """Picture size -> node -> its output's shape, for the sizes that the graph took."""

    def shape(self, name: str) -> tuple[int, ...]:
        """A node's shape on the first picture."""
        return next(iter(self.shapes.values()))[name]

    def changes_size(self, link: Link, before: Values, after: Values) -> bool:
        """Whether height or width differ before and after a link, on any picture."""
        return any(
            before.spatial(shapes[link.source]) != after.spatial(shapes[link.node.name])
            for shapes in self.shapes.values()
        )

    def operand(self, link: Link, index: int) -> Array | None:
        """The value of an operand that depends on no placeholder; None for one that does."""
        references = [r for r in link.node.input if not is_control(r)]
        if index >= len(references) or node_name(references[index]) in self.flow.varying:
            return None
        constant = self.flow.graph.constant(references[index])
        return self.probe.constant(references[index]) if constant is None else constant


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The road up to where the network begins."""

    links: tuple[Link, ...]
    values: tuple[Values, ...]
    """Before the first link, and after each."""
    effects: tuple[Effect, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """One sentence for each link that does something."""
        pairs = zip(self.links, self.effects, strict=True)
        return tuple(Step(nodes=link.nodes, says=e.says) for link, e in pairs if e.says)

    @property
    def moves(self) -> tuple[Move, ...]:
        """The changes of size, in order."""
        return tuple(e.move for e in self.effects if e.move)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a recipe cannot express."""
        return tuple(e.missing for e in self.effects if e.missing)

    def first(self, count: int) -> "Reading":
        """Only the first links."""
        return replace(
            self,
            links=self.links[:count],
            values=self.values[: count + 1],
            effects=self.effects[:count],
        )


def observe(
    probe: Probe, names: Sequence[str], sizes: Sequence[Size]
) -> Mapping[Size, Mapping[str, tuple[int, ...]]]:
    """The shapes of nodes on pictures of several sizes, less the sizes that the graph refuses."""
    found = {}
    for size in dict.fromkeys(probe.allowed(size) for size in sizes):
        arrays = probe.run(noise(size), names)
        if arrays is not None:
            found[size] = {name: a.shape for name, a in zip(names, arrays, strict=True)}
    return found
