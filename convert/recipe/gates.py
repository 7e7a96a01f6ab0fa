"""What each variant is measured on, and what it is held to."""

from pydantic import Field

from convert.vocabulary import (
    DEFAULT_SCHEMES,
    DatasetKind,
    MetricName,
    Record,
    Scheme,
)


class DatasetChoice(Record):
    """Pictures and truth: the layout, the folder looked for, and the names of its two splits."""

    kind: DatasetKind
    folder: str | None = None
    calibration: str = "calibration"
    evaluation: str = "val"
    calibration_images: int = Field(default=50, ge=0)
    """0: none; drawn pictures stand for them."""
    label_offset: int = 0
    """Added to the dataset's class index to get the model's (1 for 1001-class ImageNet models)."""


class Bounds(Record):
    """What a variant must not exceed; a bound that is not given does not judge.

    `drop` is in the metric's unit (0.01 = one point), `latency_ratio` is to the same target's
    float32 on one thread, `bytes` is the file's or folder's size. `agreement` is the one that it
    must reach: the share of labels that are the reference's.
    """

    drop: float | None = None
    agreement: float | None = Field(default=None, ge=0, le=1)
    latency_ratio: float | None = Field(default=None, gt=0)
    bytes: int | None = Field(default=None, gt=0)

    @property
    def disagreement(self) -> float | None:
        """`agreement` as what must not be exceeded."""
        return None if self.agreement is None else 1 - self.agreement


class Gates(Record):
    """Bounds for every variant, and closer or wider ones by scheme.

    What `uint8` is held to holds for the schemes below it, where they say nothing else.
    """

    every: Bounds = Bounds()
    float32: Bounds = Bounds()
    float16: Bounds = Bounds()
    uint8: Bounds = Bounds()
    mixed: Bounds = Bounds()
    dynamic: Bounds = Bounds()
    int16x8: Bounds = Bounds()
    uint16: Bounds = Bounds()

    def bounds(self, scheme: Scheme) -> Bounds:
        """The bounds that hold for a scheme: its own, and `every` where it has none."""
        own: Bounds = getattr(self, scheme)
        wider = self.every if scheme in DEFAULT_SCHEMES else self.bounds("uint8")
        return wider.model_copy(update=own.model_dump(exclude_none=True))


class AgainstTruth(Record):
    """What stands in the recipe's place where the dataset that is given has the truth.

    A model that is held against the reference for want of truth is measured so as soon as
    `--dataset` names (or holds) a folder of this kind.
    """

    dataset: DatasetChoice
    metric: MetricName
    gates: Gates = Gates()
