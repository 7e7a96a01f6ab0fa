"""preprocessing.json: how the published file is fed and read, as data an app can follow."""

from typing import Self

from convert.manifest import Manifest
from convert.preprocessing import Postprocessing, Preprocessing
from convert.signature import Signature
from convert.vocabulary import Record, Task


class Feeding(Record):
    """From a picture to the file's input, and from its outputs to an answer."""

    schema_version: int = 1
    task: Task
    signature: Signature
    preprocessing: Preprocessing
    postprocessing: Postprocessing
    labels: tuple[str, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The part of a manifest that an app needs."""
        recipe = manifest.recipe
        return cls(
            task=recipe.task,
            signature=manifest.artifact.signature,
            preprocessing=recipe.preprocessing,
            postprocessing=recipe.postprocessing,
            labels=recipe.labels,
        )
