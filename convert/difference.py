"""What `convert diff` finds between two models: figures, facts, operators, weights, layers."""

from typing import Literal

from convert.vocabulary import Record

How = Literal["end", "name", "content"]
"""By what two tensors are known to be the same: they are the models' ends, they have the same
name, or they hold the same values."""


class Compared(Record):
    """One of the two, as it was given."""

    path: str
    format: str
    sha256: str
    bytes: int
    recipe: str | None = None
    """Of a published folder."""


class Change(Record):
    """A fact that the two do not share; None where one of them does not have it."""

    key: str
    a: str | None
    b: str | None


class FigureDifference(Record):
    """A figure of each, over the same pictures."""

    name: str
    a: float
    b: float
    drop: float
    """a minus b, in the figure's own unit."""
    drop_ci95: tuple[float, float] | None = None
    """A paired bootstrap over pictures, of the headline figure; None for the others."""


class Figures(Record):
    """How good the two are."""

    images: int
    dataset: str
    kept: bool
    """From the observations that `convert run` kept, not measured anew."""
    against: Literal["truth", "reference", "a"]
    """What answers are held against; "a": there is neither truth nor reference here, so B is held
    against A."""
    figures: tuple[FigureDifference, ...]


class OpCount(Record):
    """How often an operator stands in each file."""

    op: str
    a: int
    b: int


class WeightMoved(Record):
    """Constants of a layer that both have."""

    layer: str
    a: str
    b: str
    values: int
    moved: float
    """The norm of the difference, in parts of the norm of A's."""
    max_error: float


class LayerDifference(Record):
    """A tensor that both compute, over some pictures; the errors are B's, in A's real units."""

    a: str
    b: str
    op_a: str
    op_b: str
    how: How
    shape: tuple[int, ...]
    """A's."""
    cosine: float
    cosine_rescaled: float
    """About the channels' means, each channel of B brought to A's size by a factor above 0, as
    equalization before quantizing asks for; the plain one where that is more, or where there are
    too few values to tell."""
    rescalable: bool
    """Whether a channel has values enough to tell a factor of its own."""
    snr_db: float | None
    """Signal to noise, 10 log10(sum a² / sum (a - b)²); None where the two are equal."""
    max_error: float
    largest: float
    """A's largest magnitude, which `max_error` is to be seen against."""


class Layers(Record):
    """Where the two part, in A's order of computation."""

    images: int
    pictures: str
    """Which, in words."""
    bound: float
    """Of the cosine after rescaling."""
    first_under: str | None
    """The first layer that is under the bound even where its channels are brought to one size. In
    a model of which others were so moved, none that has too few values to tell, but for the ends:
    whether one is wrong shows in what follows."""
    layers: tuple[LayerDifference, ...]
    only_a: int
    only_b: int
    """Tensors that have no partner, such as those that the other file has fused away."""
    weights: tuple[WeightMoved, ...]
    """Those that moved most, first."""


class Difference(Record):
    """All of it; `notes` say what could not be compared and why."""

    a: Compared
    b: Compared
    figures: Figures | None
    changes: tuple[Change, ...]
    ops: tuple[OpCount, ...]
    """Of files of one format, those whose count differs; of two formats, all."""
    layers: Layers | None
    notes: tuple[str, ...]
    passed: bool
    """Whether no layer is under a bound that was asked for."""
