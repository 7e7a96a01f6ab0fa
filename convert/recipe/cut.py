"""Where a graph is cut."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from convert.vocabulary import (
    Record,
)

NodeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.][A-Za-z0-9_./-]*$")]


class Cut(Record):
    """Where the graph is cut: node names, each found from the graph where it is not given.

    `original_input` and `original_output` are the uncut graph's, which the reference is run by.
    `input_name` and `output_name` are what the exported files call theirs.
    """

    original_input: str | None = None
    original_output: str | None = None
    input: str | None = None
    output: str | None = None
    input_name: NodeName = "image"
    output_name: NodeName = "logits"
    outputs: dict[NodeName, str] = Field(default_factory=dict)
    """Name in the exported files -> node, where there are several; instead of output and
    output_name. The reference then ends at these nodes too."""
    resized_outside: bool = False
    """The uncut graph only pads, so its users resize a picture to fit before they feed it."""

    @property
    def ends(self) -> dict[str, str | None]:
        """Name in the exported files -> node, None where it is not given."""
        return dict(self.outputs) or {self.output_name: self.output}

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that must be found in the graph."""
        keys = ["original_input", "input"]
        keys += [] if self.outputs else ["original_output", "output"]
        return tuple(key for key in keys if getattr(self, key) is None)

    @model_validator(mode="after")
    def _two_names(self) -> Self:
        if self.input_name in self.ends:
            raise ValueError(f"input_name and an output are both called {self.input_name!r}")
        if self.outputs and (self.output or self.original_output):
            raise ValueError("outputs stand instead of output and original_output")
        return self
