"""Keep the pictures that calibrate apart from those that measure."""

from convert.datasets.base import Dataset
from convert.errors import UsageError

_NAMED = 5


def refuse_overlap(calibration: Dataset, evaluation: Dataset) -> None:
    """Raise UsageError where a picture stands in both by its content, naming it on both sides."""
    measured = {picture.digest(): picture.name for picture in evaluation.pictures}
    both = [
        f"{picture.name} (as {measured[digest]})"
        for picture in calibration.pictures
        if (digest := picture.digest()) in measured
    ]
    if both:
        more = f" and {len(both) - _NAMED} more" if len(both) > _NAMED else ""
        raise UsageError(
            f"{len(both)} pictures calibrate and measure: {', '.join(both[:_NAMED])}{more}",
            hint="Take them out of one of the two: what has calibrated must not measure.",
        )
