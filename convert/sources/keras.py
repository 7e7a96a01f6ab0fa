"""Keras models: `.keras` archives, and HDF5 files of Keras 3 or 2."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.errors import SourceError, UnsupportedError
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.sources.freezing import Port, freeze_function, refuse

_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = b"PK\x03\x04"
_INSIDE = {"config.json", "metadata.json"}
_HINT = (
    "Layers of one's own must be saved away: `model.export(FOLDER)` writes a SavedModel, which "
    "convert reads without them."
)


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file is HDF5, or a zip archive that holds a Keras model's configuration."""
    if head.startswith(_HDF5):
        return True
    return head.startswith(_ZIP) and zipfile.is_zipfile(path) and _members(path) >= _INSIDE


def _members(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def read(path: Path) -> Graph:
    """The graph of a model as it answers after training, with a batch of 1.

    Raises SourceError where the file is damaged, UnsupportedError where it holds weights alone or
    layers that Keras does not know.
    """
    model = _loaded(path)
    inputs = list(model.inputs or ())
    if not inputs:
        raise UnsupportedError(f"{path}: its model has no fixed inputs", hint=_HINT)
    ports = [Port(name=_plain(t.name), shape=tuple(t.shape), dtype=t.dtype) for t in inputs]
    names = _output_names(model)

    def call(*tensors: Any) -> Mapping[str, Any]:
        fed = tensors[0] if len(tensors) == 1 else list(tensors)
        answers = tensorflow().nest.flatten(model(fed, training=False))
        return dict(zip(names, answers, strict=True))

    return freeze_function(call, ports)


def _loaded(path: Path) -> Any:
    """The Keras model: Keras 3's own, or by tf_keras what Keras 2 wrote."""
    with path.open("rb") as file:
        is_hdf5 = file.read(len(_HDF5)) == _HDF5
    if is_hdf5:
        _require_topology(path)
    tf = tensorflow()
    try:
        return _load(tf.keras, path, is_hdf5)
    except Exception as error:  # Keras raises whatever a layer's code happens to raise
        if not is_hdf5:
            raise refuse(path, error, _HINT) from error
    try:
        import tf_keras

        return _load(tf_keras, path, is_hdf5)
    except Exception as error:  # likewise
        raise refuse(path, error, _HINT) from error


def _load(keras: Any, path: Path, is_hdf5: bool) -> Any:
    """Keras goes by a file's name, convert by its content."""
    import tempfile

    suffix = ".h5" if is_hdf5 else ".keras"
    if path.suffix == suffix:
        return keras.models.load_model(str(path), compile=False)
    with tempfile.TemporaryDirectory() as scratch:
        named = Path(scratch, f"model{suffix}")
        named.symlink_to(path.resolve())
        return keras.models.load_model(str(named), compile=False)


def _require_topology(path: Path) -> None:
    """Raise unless an HDF5 file is whole and says what layers it holds."""
    import h5py

    try:
        with h5py.File(path) as file:
            whole = "model_config" in file.attrs
    except OSError as error:
        raise SourceError(
            f"{path} is no whole HDF5 file: {error}", hint="Fetch it again."
        ) from error
    if not whole:
        raise UnsupportedError(
            f"{path} holds weights alone, no layers",
            hint="Build the model, load these weights, and save it whole: model.save(FILE.keras).",
        )


def _output_names(model: Any) -> list[str]:
    names = [str(n) for n in getattr(model, "output_names", None) or ()]
    flat = tensorflow().nest.flatten(model.outputs)
    unique = len(set(names)) == len(flat)
    return [_plain(n) for n in names] if unique else [f"output_{i}" for i in range(len(flat))]


def _plain(name: str) -> str:
    return name.split(":")[0]
