"""What a published file is for and what it is not, in sentences, from its manifest alone."""

from convert.manifest import Manifest
from convert.vocabulary import Task

_USES: dict[Task, str] = {
    "segmentation": "Labelling every pixel of an RGB photograph with one of {classes} classes.",
    "classification": "Naming what an RGB photograph shows, as one of {classes} classes.",
    "detection": "Finding boxes of {classes} kinds of objects in an RGB photograph.",
    "landmarks": "Finding landmarks on an object that fills most of an RGB picture.",
    "pose": "Finding the joints of people in an RGB photograph.",
    "image": "Turning an RGB photograph into another picture.",
    "other": "Giving the numbers that the original gives for an RGB picture, whatever they mean.",
}


def uses(manifest: Manifest) -> tuple[str, ...]:
    """What it is for."""
    recipe = manifest.recipe
    return (
        _USES[recipe.task].format(classes=recipe.classes),
        f"In apps that run {manifest.artifact.target} files, with the preparation and the reading "
        "that stand in preprocessing.json: without them its answers are wrong.",
    )


def limits(manifest: Manifest) -> tuple[str, ...]:
    """What nobody should expect of it."""
    recipe, height, width = manifest.recipe, *manifest.recipe.preprocessing.size
    found = [
        f"It sees pictures at {height} x {width} pixels; what is smaller there than a few pixels "
        "is lost.",
        f"It was measured on {manifest.images} pictures of {manifest.dataset} and on nothing else: "
        "other cameras, scenes and people may give other figures.",
        "No figure says how it treats groups of people; do not decide about persons by it.",
    ]
    if recipe.labels:
        found.append(f"It knows {len(recipe.labels)} labels and gives one of them to anything.")
    if manifest.artifact.scheme in ("uint8", "mixed"):
        found.append("Eight bits: values far outside those of the calibration are cut off.")
    if manifest.artifact.scheme == "float16":
        found.append(
            "Sixteen-bit weights: its answers differ from the original's in the last digits."
        )
    return tuple(found)
