"""What discover finds in a graph: its ends, what surrounds the network, and where to cut.

Every record holds facts for programs and one English sentence (`says`) for people.
"""

from typing import Literal

from pydantic import Field

from convert.preprocessing import Postprocessing, Preprocessing, Size
from convert.recipe import Companion, Cut
from convert.vocabulary import Layout, Record, SourceFormat, Target, Task

Shape = tuple[int | None, ...]
"""A static shape; `None` is a free dimension."""

Role = Literal["picture", "switch", "keep_probability", "batch_size", "setting", "other"]
OutputKind = Literal[
    "box_scores",
    "boxes",
    "displacements",
    "flag",
    "heatmaps",
    "landmarks",
    "logits",
    "mask",
    "offsets",
    "picture",
    "probabilities",
    "unknown",
]
"""What an output probably is; a flag is one number, such as whether a hand is there at all."""

LeftoverKind = Literal[
    "assert",
    "check",
    "control_dependency",
    "dropout",
    "fake_quant",
    "print",
    "read_identity",
    "stop_gradient",
    "summary",
]


class SourceFile(Record):
    """The file that was read."""

    path: str
    format: SourceFormat
    bytes: int
    sha256: str
    files: tuple[Companion, ...] = ()
    """The others that lie beside it, of a model that is several."""


class GraphInput(Record):
    """A placeholder. `fixed` is the value that a leftover of training is set to."""

    name: str
    dtype: str
    shape: Shape | None
    """None: even the rank is unknown."""
    free: tuple[int, ...]
    """The axes whose length the caller chooses."""
    role: Role
    fixed: bool | int | float | None = None
    says: str


class GraphOutput(Record):
    """A node that nobody reads and that the picture reaches."""

    name: str
    op: str
    dtype: str
    shape: Shape | None
    kind: OutputKind = "unknown"
    meaning: str = ""
    """What it probably holds, and why that is thought."""
    needs: tuple[str, ...] = ()
    """Placeholders other than the picture that it is computed from."""
    says: str


class CutOff(Record):
    """An operator after the graph that TensorFlow does not have: the reader ended before it."""

    operator: str
    reads: dict[str, str]
    """What it reads a node as (boxes, scores, heatmaps ...) -> the node."""
    options: dict[str, bool | int | float]
    says: str


class Leftover(Record):
    """Nodes that training left behind and that no exported file needs."""

    kind: LeftoverKind
    count: int
    examples: tuple[str, ...]
    says: str


class Step(Record):
    """One thing that the graph does around the network, by these nodes."""

    nodes: tuple[str, ...]
    says: str


class Front(Record):
    """The graph between the picture and the network.

    `guesses` says what is not in the graph and was assumed, and why. `missing` says what the
    graph does and `preprocessing` cannot express. `confirmed`: the graph run by TensorFlow up to
    `end` gives what `preprocessing` gives, on pictures of the `compared` sizes.
    """

    steps: tuple[Step, ...]
    end: str
    """The node whose output is the network's input."""
    why: str
    """Why the core starts there."""
    layout: Layout
    resized_outside: bool
    """Whether pictures must be resized before the uncut graph is fed."""
    preprocessing: Preprocessing
    guesses: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    confirmed: bool = False
    max_difference: float | None = None
    """In the unit of the network's input; None where nothing was compared."""
    compared: tuple[Size, ...] = ()


class Alternative(Record):
    """Another end for the core, and what it changes."""

    output: str
    postprocessing: Postprocessing
    output_bytes: int
    """Of the float32 output of one picture."""
    saved_bytes: int
    says: str


class Back(Record):
    """The graph between the network and the answer; `missing` and `guesses` as in `Front`."""

    start: str
    """The node whose output is the network's output."""
    why: str
    """Why the core ends there."""
    steps: tuple[Step, ...]
    postprocessing: Postprocessing
    guesses: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


class Core(Record):
    """The network between the two cuts, at its static shape, for one picture."""

    input_shape: Shape
    output_shape: Shape | None
    output_shapes: dict[str, Shape | None] = Field(default_factory=dict)
    """Node -> shape, where the network has several outputs."""
    ops: dict[str, int]
    """Op -> count, without what depends on constants alone."""
    parameters: int
    """Elements of the weights, batch norm's included."""
    macs: int | None
    """Multiply-accumulates; None where a shape depends on the picture."""
    cannot: dict[Target, dict[str, int]] = Field(default_factory=dict)
    """Target -> op -> count of what it cannot express; a target that can all is left out."""


class Anatomy(Record):
    """All that was found; `cut` and its `reasons` are the proposal."""

    file: SourceFile | None = None
    nodes: int
    ops: dict[str, int]
    """Op -> count over the whole file."""
    inputs: tuple[GraphInput, ...]
    """The picture first."""
    outputs: tuple[GraphOutput, ...]
    """The likeliest first."""
    cut_off: CutOff | None = None
    leftovers: tuple[Leftover, ...]
    front: Front
    core: Core
    back: Back
    cut: Cut
    reasons: tuple[str, ...]
    task: Task | None
    classes: int | None
