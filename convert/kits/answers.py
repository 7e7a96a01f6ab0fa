"""Which kind of answer a published model gives, as its kit's types name it."""

from typing import Literal

from convert.errors import UnsupportedError
from convert.manifest import Manifest

Kind = Literal["labels", "values", "scores", "detections", "points", "picture", "tensors"]

_SCORES_RANK, _MAP_RANK = 2, 4


def kind_of(manifest: Manifest) -> Kind:
    """The kind of answer. Raises UnsupportedError where the only output is of no kind."""
    post, outputs = manifest.recipe.postprocessing, manifest.artifact.signature.outputs
    if post.boxes or post.merged:
        return "detections"
    if post.points:
        return "points"
    if post.picture:
        return "picture"
    if len(outputs) > 1 or post.tensors:
        return "tensors"
    rank = len(outputs[0].shape)
    if rank == _SCORES_RANK:
        return "scores"
    if rank == _MAP_RANK:
        return "labels" if post.decode == "argmax" else "values"
    raise UnsupportedError(
        f"{manifest.recipe.name}: output {outputs[0].name} has {rank} dimensions, and a kit reads "
        "maps [1, h, w, C] and scores [1, C]",
        hint="Say in the recipe's postprocessing what it is, such as tensors = true.",
    )
