"""What is known of one recipe, gathered for a page."""

from dataclasses import dataclass

from convert.audit.rows import Row
from convert.recipe import Recipe
from convert.report import Report
from convert.stages.layers import LayerError
from convert.stages.why import Why
from convert.stages.worst import Worst
from convert.vocabulary import Target


@dataclass(frozen=True, kw_only=True)
class Section:
    """One recipe's report, and what was looked up or computed beside it."""

    report: Report
    rows: tuple[Row, ...]
    recipe: Recipe | None
    """None where neither a published folder nor the recipe's file is here."""
    worst: dict[str, tuple[Worst, ...]]
    """Variant -> the pictures on which it loses most."""
    layers: dict[Target, tuple[LayerError, ...]]
    """What each tensor of the uint8 file lost, by target."""
    whys: tuple[Why, ...]
    notes: tuple[str, ...]
    """What could not be shown, and why."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes; numbers where the recipe has none."""
        named = self.recipe.labels if self.recipe else None
        return named or tuple(map(str, range(len(self.report.reference.per_class))))

    @property
    def commands(self) -> dict[str, str]:
        """What a figure is -> the command that makes it again."""
        name, images = self.report.recipe, self.report.reference.images
        made = {"accuracy, drops, sizes, gates": f"convert run {name} --limit {images}"}
        published = [row for row in self.rows if row.outcome == "published"]
        if published:
            first = f"models/out/{name}/{published[0].variant}"
            made["one published file"] = f"convert verify {first} --limit {images}"
            made["times and ratios"] = f"convert bench models/out/{name}"
            made["where the time goes"] = f"convert why models/out/{name}"
        return made
