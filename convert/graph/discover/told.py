"""What is said of an output, and what it is said from."""

from dataclasses import dataclass

from convert.anatomy import OutputKind
from convert.graph.discover.output_facts import OutputFacts


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an output probably is, and a sentence of what it holds and why it is thought so."""

    kind: OutputKind
    says: str
    columns: int = 0
    """Values of each landmark."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All outputs of a graph, and the height and width that it takes, where they are fixed."""

    outputs: tuple[OutputFacts, ...]
    size: tuple[int | None, int | None]

    def others(self, facts: OutputFacts) -> list[OutputFacts]:
        """The outputs beside one."""
        return [other for other in self.outputs if other.name != facts.name]
