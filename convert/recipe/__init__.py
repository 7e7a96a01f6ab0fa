"""A recipe: which model, from where, how it is fed and read, what it is measured by and held to."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from convert.preprocessing import Postprocessing, Preprocessing, Size
from convert.recipe.cut import Cut
from convert.recipe.gates import AgainstTruth, Bounds, DatasetChoice, Gates
from convert.recipe.source import Companion, License, Source
from convert.vocabulary import (
    DEFAULT_SCHEMES,
    Layout,
    MetricName,
    RangeWay,
    Record,
    Scheme,
    Target,
    Task,
    schemes_of,
)

__all__ = [
    "AgainstTruth", "Bounds", "Companion", "Cut", "DatasetChoice", "Gates", "License",
    "Quantization", "Recipe", "Source", "TargetChoice",
]  # fmt: skip

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]


class Quantization(Record):
    """How eight bits are decided."""

    ranges: RangeWay = "chosen"
    """`chosen`: tensor by tensor the way that moves the answers least."""


class TargetChoice(Record):
    """Which schemes of a target are made, and its input's layout."""

    schemes: tuple[Scheme, ...] = DEFAULT_SCHEMES
    layout: Layout = "NHWC"
    channel_scales: bool = False
    """tfjs in eight bits: each kernel is multiplied by a scale per channel when it is read. Truer,
    for a few bytes and one small product a kernel; without it no operator is added."""


class Recipe(Record):
    """One model's whole road, as strict data."""

    name: Name
    title: str = Field(min_length=1)
    task: Task
    source: Source
    license: License
    cut: Cut = Cut()
    preprocessing: Preprocessing
    sizes: tuple[Size, ...] = ()
    """Of a graph of free size: it is made at each of them, beside `preprocessing.size`, as a
    recipe of its own that is called <name>-<height>x<width>."""
    family: Name | None = None
    """The recipe that this is one size of: they share the pulled file."""
    postprocessing: Postprocessing
    labels: tuple[str, ...] = ()
    classes: int = Field(gt=0)
    dataset: DatasetChoice
    metric: MetricName
    targets: dict[Target, TargetChoice] = Field(min_length=1)
    quantization: Quantization = Quantization()
    gates: Gates = Gates()
    against_truth: AgainstTruth | None = None

    @property
    def folder(self) -> str:
        """Where its file lies below `models/raw`."""
        return self.family or self.name

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        if self.labels and len(self.labels) != self.classes:
            raise ValueError(f"labels: {len(self.labels)} names for {self.classes} classes")
        return self

    @model_validator(mode="after")
    def _schemes_there_are(self) -> Self:
        for target, choice in self.targets.items():
            for scheme in choice.schemes:
                if scheme not in schemes_of(target):
                    known = ", ".join(schemes_of(target))
                    raise ValueError(f"targets.{target}.schemes: no {scheme}, only {known}")
        return self

    @model_validator(mode="after")
    def _whole_pictures(self) -> Self:
        if self.task == "segmentation" and self.preprocessing.resize == "crop":
            raise ValueError("preprocessing.resize: crop leaves pixels without a label")
        return self

    @model_validator(mode="after")
    def _boxes_to_average(self) -> Self:
        instead = self.against_truth and self.against_truth.metric
        if "coco_map" in (self.metric, instead) and not (self.postprocessing.boxes and self.labels):
            raise ValueError("coco_map is of postprocessing.boxes, whose classes have labels")
        return self
