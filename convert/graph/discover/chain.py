"""The one road that the picture takes from the placeholder to the first weights."""

from collections.abc import Iterator
from dataclasses import dataclass

from convert.graph.discover.flow import Flow
from convert.graph.graph import NodeDef

_LARGEST_BLOCK = 32
"""Nodes between a fork and its join; channels taken apart and put together need about ten."""

_TAKES_APART = frozenset({"Split", "SplitV", "Unpack"})
"""Ops with several outputs, each of which is a part of the pixels."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """One node of the road, or a small block whose branches meet again in it."""

    node: NodeDef
    source: str
    """The node whose pixels it takes."""
    inside: tuple[str, ...] = ()
    """The nodes of the block's branches."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """All its nodes, in the order of the road."""
        return (*self.inside, self.node.name)


def front_chain(flow: Flow) -> Iterator[Link]:
    """The links after the picture, as long as all pixels pass through each of them."""
    name = flow.picture
    while True:
        readers = flow.readers(name)
        forks = len(readers) > 1 or any(reader.op in _TAKES_APART for reader in readers)
        link = _joined(flow, name) if forks else _single(flow, name, readers)
        if link is None:
            return
        yield link
        name = link.node.name


def _single(flow: Flow, source: str, readers: list[NodeDef]) -> Link | None:
    if not readers:
        return None
    (node,) = readers
    producers = {p.name for p in flow.graph.producers(node)} & flow.content
    if node.name in flow.learned or producers != {source}:
        return None
    return Link(node=node, source=source)


def _joined(flow: Flow, source: str) -> Link | None:
    """The nearest node that all branches of a fork lead to, if no weights stand before it."""
    for join in _nearest(flow, source):
        inside = _between(flow, source, join)
        if inside is not None:
            return Link(node=flow.graph.node(join), source=source, inside=inside)
    return None


def _nearest(flow: Flow, source: str) -> Iterator[str]:
    """Nodes in the order of their distance, without weights."""
    queue, seen = [source], {source}
    while queue and len(seen) < _LARGEST_BLOCK:
        for reader in flow.readers(queue.pop(0)):
            if reader.name not in seen and reader.name not in flow.learned:
                seen.add(reader.name)
                queue.append(reader.name)
                if reader.op not in _TAKES_APART:
                    yield reader.name


def _between(flow: Flow, source: str, join: str) -> tuple[str, ...] | None:
    """The nodes strictly between, or None where something leads past the join."""
    inside: dict[str, None] = {}
    stack = [source]
    while stack:
        readers = flow.readers(stack.pop())
        if not readers:
            return None
        for reader in readers:
            if reader.name in flow.learned or len(inside) > _LARGEST_BLOCK:
                return None
            if reader.name != join and reader.name not in inside:
                inside[reader.name] = None
                stack.append(reader.name)
    return tuple(inside)
