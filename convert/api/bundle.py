"""A published folder, opened to be used: pictures in, answers out, as the recipe says."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

    from convert.manifest import Manifest
    from convert.pictures.answer import Prediction
    from convert.stages.verify import Predict

_RGB = 3


class Bundle:
    """A published model on its runtime, ready for pictures."""

    manifest: "Manifest"
    """All that the folder says of itself: signature, recipe, figures, license."""

    def __init__(self, manifest: "Manifest", predict: "Predict") -> None:
        """`predict` answers a picture; `open_bundle` makes it."""
        self.manifest = manifest
        self._predict = predict

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes' names, in their order; () where the recipe names none."""
        return self.manifest.recipe.labels

    def predict(self, image: "NDArray[np.uint8] | str | Path | Image") -> "Prediction":
        """What the model says of a picture, after the published pre- and postprocessing.

        `image` is RGB uint8 [H, W, 3], a picture file's path (turned upright as its EXIF says) or
        a Pillow image, of any size. By task the answer is labels [H, W], values float32
        [H, W, C], scores float32 [C], detections float32 [N, 6 or more] (`convert.pictures.boxes`
        names the columns), points float32 [P, D] or a picture uint8 [H, W, 3]; in the picture's
        own pixels.

        Raises UsageError for an array that is no picture, SourceError for a file that is none,
        RuntimeFailure where the runtime breaks or gives values that are not finite.

        >>> import convert, numpy
        >>> model = convert.open("models/out/deeplab-shapes/onnx-uint8")
        >>> labels = model.predict(numpy.zeros((90, 160, 3), numpy.uint8))
        >>> labels.shape, model.labels[labels[0, 0]]
        ((90, 160), 'background')
        """
        return self._predict(_picture(image))


def open_bundle(folder: str | Path, *, threads: int | None = None) -> Bundle:
    """Open a published folder such as models/out/<recipe>/tflite-uint8, to `predict` by it.

    tflite runs on LiteRT and onnx on ONNX Runtime, without TensorFlow, which only tfjs needs.
    `threads`: how many a prediction may use (None: one per core). Raises UsageError for what is
    no published folder, SourceError where the model is not the one that its manifest tells of,
    ToolError where the runtime is missing, RuntimeFailure where it refuses the file.

    >>> import convert
    >>> model = convert.open("models/out/deeplab-shapes/tflite-uint8", threads=1)
    >>> model.manifest.artifact.scheme, model.labels[:2]
    ('uint8', ('background', 'disk'))
    """
    from convert.machine import cores
    from convert.manifest import read_manifest
    from convert.runtimes import for_target
    from convert.stages.verify import predictor

    manifest = read_manifest(Path(folder))
    recipe, model = manifest.recipe, manifest.artifact
    path = Path(folder, model.path)
    _require_whole(path, model.sha256)
    runtime = for_target(model.target)
    _require(runtime.NAME, runtime.missing())
    session = runtime.open_session(path, model.signature, threads or cores())
    name = model.signature.inputs[0].name
    return Bundle(manifest, predictor(session, name, recipe.preprocessing, recipe.postprocessing))


def _require_whole(path: Path, sha256: str) -> None:
    from convert.store import digest

    if not path.exists() or digest(path) != sha256:
        raise SourceError(
            f"{path} is not the model that the manifest beside it tells of",
            hint="Copy the whole folder again, or publish it anew with `convert run`.",
        )


def _require(name: str, missing: str | None) -> None:
    from convert.errors import ToolError

    if missing:
        raise ToolError(f"{name}: {missing}", hint="`convert doctor` says more.")


def _picture(image: Any) -> NDArray[np.uint8]:
    """RGB uint8 [H, W, 3]."""
    if isinstance(image, str | Path):
        from convert.pictures.read import read_picture

        return read_picture(Path(image))
    found = np.asarray(image if isinstance(image, np.ndarray) else _rgb(image))
    if found.dtype != np.uint8 or found.ndim != _RGB or found.shape[2] != _RGB or not found.size:
        raise UsageError(
            f"an array {found.dtype} {list(found.shape)} is no picture",
            hint="Give RGB uint8 [height, width, 3], a Pillow image, or a picture file's path.",
        )
    return found


def _rgb(image: Any) -> Any:
    from PIL import Image, ImageOps

    if not isinstance(image, Image.Image):
        raise UsageError(
            f"a {type(image).__name__} is no picture",
            hint="Give RGB uint8 [height, width, 3], a Pillow image, or a picture file's path.",
        )
    return ImageOps.exif_transpose(image).convert("RGB")
