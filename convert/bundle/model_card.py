"""CycloneDX's model card: the part of the BOM that is about the model, and not its parts.

https://cyclonedx.org/docs/1.6/json/#metadata_component_modelCard; cyclonedx-python-lib 11 has no
class for it, so it is a record here, and the library's own schema checks what comes out.
"""

from convert.considerations import limits, uses
from convert.manifest import Manifest
from convert.report import Measured
from convert.signature import TensorSpec
from convert.vocabulary import Record


class Interval(Record):
    """Of 95 %."""

    lowerBound: str
    upperBound: str


class Metric(Record):
    """A figure, or how far it fell below the reference's."""

    type: str
    value: str
    slice: str
    confidenceInterval: Interval | None = None


class Format(Record):
    """Of an input or an output."""

    format: str


class Data(Record):
    """A dataset."""

    type: str = "dataset"
    name: str


class Parameters(Record):
    """What it takes and gives."""

    task: str
    datasets: tuple[Data, ...]
    inputs: tuple[Format, ...]
    outputs: tuple[Format, ...]


class Analysis(Record):
    """How right it is."""

    performanceMetrics: tuple[Metric, ...]


class Considerations(Record):
    """What it is for, and what it is not."""

    useCases: tuple[str, ...]
    technicalLimitations: tuple[str, ...]


class ModelCard(Record):
    """`modelCard` of a component."""

    modelParameters: Parameters
    quantitativeAnalysis: Analysis
    considerations: Considerations


def model_card(manifest: Manifest) -> ModelCard:
    """What a manifest says, in CycloneDX's words."""
    signature, on = manifest.artifact.signature, f"{manifest.dataset}, {manifest.images} pictures"
    figures = [
        metric for name, one in manifest.metrics.items() for metric in _metrics(name, one, on)
    ]
    return ModelCard(
        modelParameters=Parameters(
            task=manifest.recipe.task,
            datasets=(Data(name=manifest.dataset),),
            inputs=tuple(map(_format, signature.inputs)),
            outputs=tuple(map(_format, signature.outputs)),
        ),
        quantitativeAnalysis=Analysis(performanceMetrics=tuple(figures)),
        considerations=Considerations(
            useCases=uses(manifest), technicalLimitations=limits(manifest)
        ),
    )


def _metrics(name: str, figure: Measured, on: str) -> list[Metric]:
    made = [Metric(type=name, value=repr(figure.value), slice=on)]
    if figure.drop is not None:
        low_high = figure.drop_ci95
        interval = low_high and Interval(lowerBound=repr(low_high[0]), upperBound=repr(low_high[1]))
        made.append(
            Metric(
                type=f"{name}_drop",
                value=repr(figure.drop),
                slice=on,
                confidenceInterval=interval or None,
            )
        )
    return made


def _format(tensor: TensorSpec) -> Format:
    return Format(format=f"{tensor.name}: {tensor.dtype} {list(tensor.shape)}")
